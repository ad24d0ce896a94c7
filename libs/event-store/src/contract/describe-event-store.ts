import { afterEach, beforeEach, describe } from 'vitest';
import type { EventStore } from '../event-store.ts';
import { appendRules } from './append-rules.ts';
import { readRules } from './read-rules.ts';
import { refusalRules } from './refusal-rules.ts';
import { retryRules } from './retry-rules.ts';
import { subscriptionRules } from './subscription-rules.ts';
import type { TheStore } from './the-store.ts';

export interface StoreUnderTest {
  readonly store: EventStore;
  close(): Promise<void>;
}

/**
 * The promises of {@link EventStore} that every adapter keeps; an adapter's spec is its set-up and this one
 * line. The factory gives a fresh, empty store each time.
 */
export const describeEventStore = (name: string, factory: () => Promise<StoreUnderTest>): void => {
  describe(`${name} keeps the contract of EventStore`, () => {
    let underTest: StoreUnderTest;
    const theStore: TheStore = () => underTest.store;
    beforeEach(async () => {
      underTest = await factory();
    });
    afterEach(() => underTest.close());

    describe('append', () => appendRules(theStore));
    describe('retry after a lost answer', () => retryRules(theStore));
    describe('refusals', () => refusalRules(theStore));
    describe('readStream', () => readRules(theStore));
    describe('subscribe', () => subscriptionRules(theStore));
  });
};
