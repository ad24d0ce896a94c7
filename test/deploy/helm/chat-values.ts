import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { slackConfig } from '@countersign/notifier-slack';
import { parse } from 'yaml';
import { z } from 'zod';
import { named, readContainer } from './read-chart.ts';
import type { Manifest } from './render-chart.ts';

const deploy = join(import.meta.dirname, '../../../deploy');

/** A file of `deploy`. */
export const deployed = (path: string): unknown => parse(readFileSync(join(deploy, path), 'utf8'));

/** What the example gives for `notification`. */
export const chatValues = z
  .object({
    notification: z.object({
      slack: z.object({ existingSecret: z.string(), settings: slackConfig }),
      teams: z.object({ existingSecret: z.string(), settings: z.record(z.string(), z.unknown()) }),
    }),
  })
  .parse(deployed('helm/chat-values.example.yaml')).notification;

const configMap = z.looseObject({ data: z.record(z.string(), z.string()) });

/** By name, what the ConfigMap of the channels holds. */
export const channelFiles = (among: readonly Manifest[]): Readonly<Record<string, string>> =>
  configMap.parse(named(among, 'ConfigMap', 'channels')).data;

/** What notification alone has mounted for its channels. */
export const channelMountsOf = (among: readonly Manifest[]) =>
  readContainer(among, 'notification').volumeMounts.filter(({ name }) =>
    /^(channels|slack|teams)$/.test(name),
  );
