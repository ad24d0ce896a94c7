import { BusError, type RequestOptions } from '@countersign/bus';
import { NoRespondersError, TimeoutError, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';

/** Sends one request and gives the answer's bytes, or the `BusError` that the bus port promises. */
export const sendCall = async (
  connection: NatsConnection,
  natsSubject: string,
  { data, headers }: { readonly data: Uint8Array; readonly headers: MsgHdrs },
  { deadlineMs, signal }: RequestOptions,
): Promise<Uint8Array> => {
  if (signal?.aborted === true) throw givenUp(natsSubject, signal);
  try {
    const asked = connection.request(natsSubject, data, { timeout: deadlineMs, headers });
    const answer = await (signal === undefined ? asked : orAborted(asked, natsSubject, signal));
    return answer.data;
  } catch (error) {
    throw error instanceof BusError ? error : toBusError(natsSubject, error);
  }
};

const orAborted = <T>(work: Promise<T>, natsSubject: string, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = () => reject(givenUp(natsSubject, signal));
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });

const givenUp = (natsSubject: string, signal: AbortSignal) =>
  new BusError('deadline_exceeded', `The caller gave up the call to ${natsSubject}.`, {
    cause: signal.reason,
  });

const toBusError = (natsSubject: string, error: unknown): BusError => {
  if (error instanceof TimeoutError) {
    return new BusError('deadline_exceeded', `No answer from ${natsSubject} in time; repeat the call.`, {
      cause: error,
    });
  }
  const nobody = error instanceof Error && error.cause instanceof NoRespondersError;
  const message = nobody
    ? `Nobody serves ${natsSubject} now`
    : `The bus failed under the call to ${natsSubject}`;
  return new BusError('bus_unavailable', `${message}; try again.`, { cause: error });
};
