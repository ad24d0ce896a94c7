import { recordOf } from '@countersign/domain-review';
import { streamName } from '@countersign/event-store';
import { deliveryEvents, foldDelivery, reachedNobody } from '@countersign/notifier';
import { alarmed, isUntrustedRecord, type ServiceContext } from '@countersign/service-host';
import type { LoadedReview } from '../streams/review-streams.ts';

type Dependencies = Pick<ServiceContext, 'store' | 'verifier' | 'telemetry' | 'log'>;
type Cause = 'timeout' | 'undeliverable';

/** Why a review whose deadline has passed ended undecided: people stayed silent, or nobody was ever told. */
export class ExpiryCause {
  readonly #context: Dependencies;

  constructor(context: Dependencies) {
    this.#context = context;
  }

  /**
   * By what notification has signed of the review's delivery. `undeliverable` says that people are not to blame, so
   * it takes proof: where the record can't be trusted or leaves a doubt, it is a timeout, and the alarm is raised.
   */
  async of({ request, review }: LoadedReview): Promise<Cause> {
    const routes = recordOf(review)?.opened;
    if (routes === undefined) return 'timeout';
    const { requestId } = request;
    const stream = streamName('delivery', requestId);
    const events = await this.#context.store.readStream(stream);
    try {
      return alarmed(this.#context, requestId, () => {
        this.#context.verifier.verify(stream, events);
        return reachedNobody(routes, foldDelivery(deliveryEvents(events))) ? 'undeliverable' : 'timeout';
      });
    } catch (error) {
      if (isUntrustedRecord(error)) return 'timeout';
      throw error;
    }
  }
}
