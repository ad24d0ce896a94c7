import { indexDirectory, type DirectoryIndex } from '@countersign/domain-directory';
import { mayRead } from '@countersign/domain-thread';
import { streamName } from '@countersign/event-store';
import { CodedError, hasCode, isJsonObject } from '@countersign/kernel';
import { notFound, type Caller, type ServiceContext } from '@countersign/service-host';
import type { GrantStreams, ProvenGrant } from './grant-streams.ts';

/** A grant that the caller may know of, and the directory of this moment to judge them by. */
export interface ReadableGrant {
  readonly proven: ProvenGrant;
  readonly directory: DirectoryIndex;
}

interface Dependencies extends Pick<ServiceContext, 'store' | 'policySets'> {
  readonly streams: GrantStreams;
}

/** Loads grants for callers: who may not read gets the `not_found` of an id that doesn't exist. */
export class ReadableGrants {
  readonly #with: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
  }

  async load(requestId: string, caller: Caller): Promise<ReadableGrant> {
    const [proven, directory] = await Promise.all([this.#proven(requestId, caller), this.#directory()]);
    if (proven === undefined || !mayRead(caller.principal, directory, proven.thread)) throw notFound();
    return { proven, directory };
  }

  async #directory(): Promise<DirectoryIndex> {
    const active = await this.#with.policySets.read();
    if (active !== undefined) return indexDirectory(active.set.directory);
    throw new CodedError('no_policy_set', 'No policy set is active yet; try again later.');
  }

  /** A record that can't be trusted tells nothing about who may read it: persons hear of it, and its requester. */
  async #proven(requestId: string, caller: Caller): Promise<ProvenGrant | undefined> {
    try {
      return await this.#with.streams.loadProven(requestId);
    } catch (error) {
      if (!hasCode(error, 'approval_not_proven') || caller.principal.kind === 'person') throw error;
      throw (await this.#isRequester(requestId, caller)) ? error : notFound();
    }
  }

  async #isRequester(requestId: string, { principal }: Caller): Promise<boolean> {
    const [event] = await this.#with.store.readStream(streamName('request', requestId), { limit: 1 });
    const subject = event?.data['subject'];
    return (
      isJsonObject(subject) && subject['type'] === principal.ref.type && subject['id'] === principal.ref.id
    );
  }
}
