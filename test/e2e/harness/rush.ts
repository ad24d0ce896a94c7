import { Agent, request, type IncomingMessage } from 'node:http';
import { z } from 'zod';

export interface Submission {
  readonly token: string;
  readonly idempotencyKey: string;
  readonly body: string;
}

export interface Submitted {
  readonly idempotencyKey: string;
  /** 0: no answer. */
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** Of an accepted request. */
  readonly id: string | undefined;
  /** Of a refusal. */
  readonly code: string | undefined;
}

const answer = z.object({ id: z.string().optional(), code: z.string().optional() });

const read = async (response: IncomingMessage): Promise<string> =>
  Buffer.concat(await response.toArray()).toString('utf8');

const answered = async (response: IncomingMessage, idempotencyKey: string): Promise<Submitted> => {
  const { id, code } = answer.parse(JSON.parse(await read(response)));
  const { statusCode: status = 0, headers } = response;
  return { idempotencyKey, status, retryAfter: headers['retry-after'], id, code };
};

const submit = (url: string, agent: Agent, { token, idempotencyKey, body }: Submission): Promise<Submitted> =>
  new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'idempotency-key': idempotencyKey,
    };
    const call = request(url, { method: 'POST', agent, headers });
    call.on('response', (response) => void answered(response, idempotencyKey).then(resolve, reject));
    call.on('error', reject);
    call.end(body);
  });

/** Sends them all over so many connections, each as soon as one is free; in order of their answers. */
export const rush = async (
  address: string,
  submissions: readonly Submission[],
  connections: number,
): Promise<readonly Submitted[]> => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const answers: Submitted[] = [];
  const queue = submissions.values();
  const sendOn = async (): Promise<void> => {
    for (const submission of queue) {
      answers.push(await submit(`${address}/v1/requests`, agent, submission));
    }
  };
  await Promise.all(Array.from({ length: connections }, sendOn));
  agent.destroy();
  return answers;
};
