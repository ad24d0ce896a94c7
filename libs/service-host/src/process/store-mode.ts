import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
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

/** How often a log that doesn't say its mode yet is looked at. */
const LOOK_MS = 250;

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
  /** Whether other processes write this log too, policy's among them: then it is waited for. */
  readonly shared: boolean;
  /** Takes the log's place in a process without the policy service that has a log of its own. */
  readonly markerPath: string;
}

/**
 * Records the mode in an empty store, and refuses (`mode_mismatch`) one that was made in another. Answers
 * whether the mode is known now: in a log that others share, it may still be to come (`awaitStoreMode`).
 */
export const ensureStoreMode = async (options: StoreModeOptions): Promise<boolean> => {
  const { mode, writer, markerPath, shared } = options;
  requireMarker(markerPath, mode);
  if (await isRecorded(options)) return true;
  if (writer !== undefined) await initialize(writer, options);
  else if (shared) return false;
  else writeFileSync(markerPath, `${mode}\n`, { mode: 0o600 });
  return true;
};

/**
 * Resolves when the log says its mode: nothing of this process may start before. Rejects with `mode_mismatch`,
 * and with the signal's reason when the process is to end instead.
 */
export const awaitStoreMode = async (options: StoreModeOptions, ending: AbortSignal): Promise<void> => {
  while (!(await isRecorded(options))) {
    ending.throwIfAborted();
    await delay(LOOK_MS);
  }
};

const isRecorded = async ({ store, verifier, mode }: StoreModeOptions): Promise<boolean> => {
  const events = await store.readStream(MODE_STREAM);
  verifier.verify(MODE_STREAM, events);
  const [first] = events;
  if (first !== undefined) requireSame(first.data['mode'], mode, 'This store');
  return first !== undefined;
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
