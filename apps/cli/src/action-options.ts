import type { ActionRequest } from '@countersign/client';
import { parseStrictJson } from '@countersign/domain-action';
import { hasCode, type EntityRef, type Json, type JsonObject } from '@countersign/kernel';
import type { Command } from 'commander';
import { CliError } from './cli-error.ts';
import { parseTypeAndId } from './principal.ts';

export interface ActionOptions {
  readonly action: string;
  readonly resource: string;
  readonly reason: string;
  readonly destination?: string;
  readonly impact?: string;
  readonly executor?: string;
  readonly context?: readonly string[];
  readonly actionProperty?: readonly string[];
  readonly resourceProperty?: readonly string[];
  readonly idempotencyKey?: string;
}

/** For options that may be given again. */
export const collect = (value: string, earlier: readonly string[] | undefined): readonly string[] => [
  ...(earlier ?? []),
  value,
];

export const withAction = (command: Command): Command =>
  command
    .requiredOption('--action <name>', 'what is to be done, like data.export')
    .requiredOption('--resource <Type/id>', 'to what, like Dataset/customers')
    .requiredOption('--reason <text>', 'why; whoever decides reads it')
    .option('--destination <text>', 'where the result goes')
    .option('--impact <text>', 'what it changes, and how it could be undone')
    .option('--executor <Type/id>', 'another principal that redeems and runs, like Service/db-gateway')
    .option('--context <name=value>', 'anything else that matters; JSON, or else text; repeatable', collect)
    .option('--action-property <name=value>', 'a property of the action; repeatable', collect)
    .option('--resource-property <name=value>', 'a claimed property of the resource; repeatable', collect)
    .option('--idempotency-key <key>', 'the same key with the same action is the same request');

const tooBigForNumber = (error: unknown): boolean =>
  hasCode(error, 'unsafe_integer') || hasCode(error, 'non_finite_number');

/**
 * Numbers, booleans, objects, arrays and quoted strings as JSON; anything else is text as it stands, `null`
 * too. A number that JSON readers would round is text as well: an id isn't to be repaired.
 */
const parseValue = (text: string, option: string): Json => {
  const structured = /^\s*[[{]/.test(text);
  try {
    const value = parseStrictJson(Buffer.from(text, 'utf8'));
    return value === null ? text : value;
  } catch (cause) {
    if (!structured || tooBigForNumber(cause)) return textOf(text, structured, option, cause);
    throw new CliError('usage', `The value of ${option} is no JSON; quote it for your shell.`, {
      field: option,
      cause,
    });
  }
};

const textOf = (text: string, structured: boolean, option: string, cause: unknown): Json => {
  if (!structured) return text;
  throw new CliError('usage', `${option} holds a number that JSON can't carry; write it as a string.`, {
    field: option,
    cause,
  });
};

const parseMembers = (pairs: readonly string[] | undefined, option: string): JsonObject => {
  const members = new Map<string, Json>();
  for (const pair of pairs ?? []) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals);
    if (equals < 1 || members.has(name)) {
      throw new CliError('usage', `"${pair}" has to be <name>=<value>, each name once.`, { field: option });
    }
    members.set(name, parseValue(pair.slice(equals + 1), `${option} ${name}`));
  }
  return Object.fromEntries(members);
};

export const executorOf = ({ executor }: ActionOptions): EntityRef | undefined =>
  executor === undefined ? undefined : parseTypeAndId(executor, '--executor');

const wellKnown = (options: ActionOptions): JsonObject => {
  const { destination, impact } = options;
  const executor = executorOf(options);
  return {
    ...(destination === undefined ? {} : { destination }),
    ...(impact === undefined ? {} : { impact }),
    ...(executor === undefined ? {} : { executor: { ...executor } }),
  };
};

/** The action that the options describe, with what else is bound; the same member from two sides is refused. */
export const actionRequestOf = (options: ActionOptions, bound: JsonObject = {}): ActionRequest => {
  const fixed = { ...wellKnown(options), ...bound };
  const free = parseMembers(options.context, '--context');
  const twice = Object.keys(free).find((name) => name === 'justification' || Object.hasOwn(fixed, name));
  if (twice !== undefined) {
    throw new CliError('usage', `"${twice}" is given by another option; leave it out of --context.`, {
      field: `--context ${twice}`,
    });
  }
  return {
    action: { name: options.action, properties: parseMembers(options.actionProperty, '--action-property') },
    resource: {
      ...parseTypeAndId(options.resource, '--resource'),
      properties: parseMembers(options.resourceProperty, '--resource-property'),
    },
    context: { ...free, ...fixed, justification: options.reason },
  };
};
