import { CodedError } from '@countersign/kernel';
import type { Channel, ClickDesk } from '@countersign/notifier';
import {
  ConfigError,
  type ChannelsConfig,
  type LifecycleParticipant,
  type ServiceContext,
} from '@countersign/service-host';

/** What an adapter is given besides its settings. */
export type ChannelSurroundings = { readonly desk: ClickDesk } & Pick<ServiceContext, 'clock' | 'log'>;

/** A chat platform that this service can be told to use. */
export interface ChannelKind {
  readonly kind: string;
  /** Names the file of its settings. */
  readonly variable: string;
  readonly fileIn: (config: ChannelsConfig) => string | undefined;
  /** Loads the adapter, which may be heavy, and opens it. */
  readonly open: (
    file: { readonly variable: string; readonly path: string },
    surroundings: ChannelSurroundings,
  ) => Promise<Channel>;
}

/**
 * The channels whose settings are named, by their kind; of all others nothing is loaded. What is wrong with the
 * settings, or with a secret that they name, is a `ConfigError` that says where.
 */
export const openChannels = async (
  kinds: readonly ChannelKind[],
  config: ChannelsConfig,
  surroundings: ChannelSurroundings,
): Promise<ReadonlyMap<string, Channel>> => {
  const channels = new Map<string, Channel>();
  for (const { kind, variable, fileIn, open } of kinds) {
    const path = fileIn(config);
    if (path === undefined) continue;
    channels.set(kind, await openOne(() => open({ variable, path }, surroundings), variable, path));
  }
  return channels;
};

const openOne = async (open: () => Promise<Channel>, variable: string, path: string): Promise<Channel> => {
  try {
    return await open();
  } catch (error) {
    if (error instanceof ConfigError || !(error instanceof CodedError)) throw error;
    throw new ConfigError(variable, `${path}: ${error.message}`, error);
  }
};

/** A channel as a part of the process. Whatever it hands its clicks to has to be registered before it. */
export const channelPart = ({ notifier, start, stop, ready }: Channel): LifecycleParticipant => ({
  name: `channel ${notifier.kind}`,
  ...(start !== undefined && { start }),
  ...(stop !== undefined && { stop }),
  ...(ready !== undefined && { ready }),
});
