import { SignatureError, type RecordedEvent } from '@countersign/event-store';
import { raiseAlarm, type ServiceContext } from '@countersign/service-host';
import { auditEvents } from '../record/audited-event.ts';

type Dependencies = Pick<ServiceContext, 'store' | 'verifier' | 'telemetry' | 'log'>;

/**
 * Looks at the signature of whatever comes into the log, in every category, and raises the alarm for what its
 * writer didn't sign. Whoever takes authority from an event checks that anew; this is for what nobody may ever
 * read again: it tells of a stolen key or of somebody who writes to the store as soon as it is used.
 */
export class SignatureWatch {
  readonly #with: Dependencies;
  #last: Promise<void> = Promise.resolve();

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
  }

  /** Events as they came, in the log's order. It doesn't wait, and can't throw. */
  look(events: readonly RecordedEvent[]): void {
    this.#last = this.#last.then(() => this.#judge(events));
  }

  /** Resolves when everything so far was looked at. */
  get idle(): Promise<void> {
    return this.#last;
  }

  async #judge(events: readonly RecordedEvent[]): Promise<void> {
    const { store, verifier, log } = this.#with;
    try {
      for (const { stream, revision, signatureValid } of await auditEvents(store, verifier, events)) {
        if (!signatureValid)
          raiseAlarm(this.#with, stream, new SignatureError(stream, revision, 'Its writer did not sign it.'));
      }
    } catch (error) {
      log.warn('What came into the log could not be checked; whoever relies on it checks it.', { error });
    }
  }
}
