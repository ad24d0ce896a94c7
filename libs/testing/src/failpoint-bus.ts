import type { Bus, Doorbell, Hearing, RequestOptions, StopHearing } from '@countersign/bus';
import type { Json } from '@countersign/kernel';
import type { Failpoints } from './failpoints.ts';

const subjectOf = ({ stream, type }: Doorbell): string => `${stream} ${type}`;

/** A Bus with the failpoints of failpoint-table.ts. */
export class FailpointBus implements Bus {
  readonly #bus: Bus;
  readonly #failpoints: Failpoints;

  constructor(bus: Bus, failpoints: Failpoints) {
    this.#bus = bus;
    this.#failpoints = failpoints;
  }

  get connected(): boolean {
    return this.#bus.connected;
  }

  ring(doorbell: Doorbell): void {
    void this.#failpoints.reach('before-ring', subjectOf(doorbell));
    this.#bus.ring(doorbell);
    this.#failpoints.reachSoon('after-ring', subjectOf(doorbell));
  }

  hear(hearing: Hearing, onRing: (doorbell: Doorbell) => void | Promise<void>): StopHearing {
    return this.#bus.hear(hearing, async (doorbell) => {
      await this.#failpoints.reach('before-hear', subjectOf(doorbell));
      await onRing(doorbell);
      await this.#failpoints.reach('after-hear', subjectOf(doorbell));
    });
  }

  async request(natsSubject: string, message: Json, options: RequestOptions): Promise<Json> {
    await this.#failpoints.reach('before-request', natsSubject);
    const answer = await this.#bus.request(natsSubject, message, options);
    await this.#failpoints.reach('after-request', natsSubject);
    return answer;
  }
}
