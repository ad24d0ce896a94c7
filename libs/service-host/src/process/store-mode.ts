import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { streamName, type AppendVerifier, type EventStore, type EventWriter } from '@countersign/event-store';
import {
  CodedError,
  hasCode,
  timestampNow,
  type Clock,
  type DomainEvent,
  type Timestamp,
} from '@countersign/kernel';
import type { Mode } from '../config/service-config.ts';
import { serviceActor } from './service-actor.ts';

/** The first event of a log. Development's log stays development's for ever: its approvals prove nothing. */
export type StoreInitialized = DomainEvent<
  'StoreInitialized',
  { readonly mode: Mode; readonly initializedAt: Timestamp }
>;

export const MODE_STREAM = streamName('system', 'mode');

const requireSame = (recorded: unknown, mode: Mode, where: string): void => {
  if (recorded === mode) return;
  throw new CodedError(
    'mode_mismatch',
    `${where} was made in ${String(recorded)} mode and can't be opened in ${mode} mode; use another COUNTERSIGN_DATA.`,
    { field: 'COUNTERSIGN_MODE' },
  );
};

export interface StoreModeOptions {
  readonly mode: Mode;
  readonly store: EventStore;
  readonly verifier: AppendVerifier;
  readonly clock: Clock;
  /** The policy service's; only its process can record the mode in the log. */
  readonly writer: EventWriter | undefined;
  /** Takes the log's place in a process without the policy service, which has a folder of its own. */
  readonly markerPath: string;
}

/** Records the mode in an empty store, and refuses (`mode_mismatch`) one that was made in another. */
export const ensureStoreMode = async (options: StoreModeOptions): Promise<void> => {
  const { store, verifier, mode, writer, markerPath } = options;
  requireMarker(markerPath, mode);
  const events = await store.readStream(MODE_STREAM);
  verifier.verify(MODE_STREAM, events);
  const [first] = events;
  if (first !== undefined) requireSame(first.data['mode'], mode, 'This store');
  else if (writer === undefined) writeFileSync(markerPath, `${mode}\n`, { mode: 0o600 });
  else await initialize(writer, options);
};

const initialize = async (writer: EventWriter, options: StoreModeOptions): Promise<void> => {
  const initialized: StoreInitialized = {
    type: 'StoreInitialized',
    data: { mode: options.mode, initializedAt: timestampNow(options.clock) },
  };
  const context = { actor: serviceActor('policy'), correlationId: MODE_STREAM };
  try {
    await writer.append(MODE_STREAM, 'no-stream', [initialized], context);
  } catch (error) {
    // Another replica was first; what it recorded counts.
    if (!hasCode(error, 'wrong_expected_revision')) throw error;
    await ensureStoreMode(options);
  }
};

const requireMarker = (path: string, mode: Mode): void => {
  if (existsSync(path)) requireSame(readFileSync(path, 'utf8').trim(), mode, 'This data folder');
};
