import type { RequesterOutlet } from '@countersign/bus';
import { RECEIPT_KEY, receiptNatsSubject } from '@countersign/contracts';
import { statusOf, type Thread } from '@countersign/domain-thread';
import type { ViewStatements } from '@countersign/follower';
import { formatEntity } from '@countersign/kernel';
import { readThread, type ServiceContext, type TokenKey } from '@countersign/service-host';
import { SignJWT } from 'jose';
import { markAnnounced, requesterToTell } from './receipt-projection.ts';

export const RECEIPT_TYP = 'countersign-receipt+jwt';
export const RECEIPT_ISSUER = 'urn:countersign:intake';
export const RECEIPT_AUDIENCE = 'urn:countersign:requester';

/** A receipt informs and is no authority: its type, audience and key are nobody else's. */
const signReceipt = (thread: Thread, { kid, privateKey }: TokenKey, nowMs: number): Promise<string> => {
  const { requestId, digest, subject } = thread.request;
  return new SignJWT({ rid: requestId, dig: digest, status: statusOf(thread), version: thread.version })
    .setProtectedHeader({ alg: 'EdDSA', typ: RECEIPT_TYP, kid })
    .setIssuer(RECEIPT_ISSUER)
    .setAudience(RECEIPT_AUDIENCE)
    .setSubject(formatEntity(subject))
    .setIssuedAt(Math.floor(nowMs / 1_000))
    .sign(privateKey);
};

interface Dependencies extends Pick<
  ServiceContext,
  'store' | 'verifier' | 'telemetry' | 'log' | 'keys' | 'clock'
> {
  readonly outlet: RequesterOutlet;
}

/** Tells a requester on NATS where its request stands now; versions in between may be left out. */
export class AnnounceReceipt {
  readonly #with: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
  }

  async ensure(requestId: string, view: ViewStatements): Promise<void> {
    const { keys, outlet, clock } = this.#with;
    const token = requesterToTell(view, requestId, clock.nowMs());
    if (token === undefined) return;
    const thread = await readThread(this.#with, requestId);
    if (thread === undefined) return;
    const receipt = await signReceipt(thread, await keys.tokenKey(RECEIPT_KEY), clock.nowMs());
    outlet.announce(receiptNatsSubject(token, requestId), {
      requestId,
      status: statusOf(thread),
      version: thread.version,
      receipt,
    });
    markAnnounced(view, requestId, thread.version);
  }
}
