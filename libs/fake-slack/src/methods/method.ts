import type { FakeTeam } from '../world.ts';
import type { RateLimits } from '../rate-limits.ts';
import type { SlackState } from '../slack-state.ts';

export interface MethodCall {
  readonly team: FakeTeam;
  readonly args: Readonly<Record<string, unknown>>;
  readonly state: SlackState;
  readonly limits: RateLimits;
  /** Where Socket Mode listens. */
  readonly socketUrl: (team: FakeTeam) => string;
}

export interface Method {
  readonly token: 'bot' | 'app';
  /** What the token must have been granted. */
  readonly scope: (call: MethodCall) => string;
  /** What the answer holds besides `ok`. Throws a `SlackRefusal`, or an `HttpRefusal`. */
  readonly run: (call: MethodCall) => Readonly<Record<string, unknown>>;
}

/** Of a call whose arguments may be a form's: there a structure is JSON in a string. */
export const structureOf = (value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
};

/** Of an argument that is a text; empty where it isn't. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

export const isTrue = (value: unknown): boolean => value === true || value === 'true' || value === '1';
