import { AsyncLocalStorage } from 'node:async_hooks';
import {
  ROOT_CONTEXT,
  context,
  createContextKey,
  propagation,
  type Context,
  type ContextManager,
  type TextMapPropagator,
} from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RealNats, connected } from './testing/real-nats.ts';

const KEY = createContextKey('trace');
const CALL = 'countersign.internal.call.policy.test';

class LocalContexts implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();
  active = () => this.#storage.getStore() ?? ROOT_CONTEXT;
  with = <A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    active: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> => this.#storage.run(active, () => fn.call(thisArg, ...args));
  bind = <T>(_: Context, target: T): T => target;
  enable = () => this;
  disable = () => this;
}

const propagator: TextMapPropagator = {
  inject: (from, carrier, setter) => setter.set(carrier, 'traceparent', String(from.getValue(KEY))),
  extract: (to, carrier, getter) => to.setValue(KEY, getter.get(carrier, 'traceparent')),
  fields: () => ['traceparent'],
};
const traced = <T>(trace: string, work: () => T): T => context.with(ROOT_CONTEXT.setValue(KEY, trace), work);
const activeTrace = () => context.active().getValue(KEY);

let nats: RealNats;
beforeEach(async () => {
  context.setGlobalContextManager(new LocalContexts());
  propagation.setGlobalPropagator(propagator);
  nats = await RealNats.up();
});
afterEach(async () => {
  context.disable();
  propagation.disable();
  await nats.end();
});

describe('the trace', () => {
  it('goes on in the service that is called', async () => {
    const bus = await nats.connectedBus();
    bus.serve(CALL, 'policy', () => Promise.resolve(String(activeTrace())));
    await connected(bus);
    const answers = ['t1', 't2'].map((trace) =>
      traced(trace, () => bus.request(CALL, null, { deadlineMs: 2_000 })),
    );
    await expect(Promise.all(answers)).resolves.toEqual(['t1', 't2']);
  });

  it('goes on where a doorbell is heard', async () => {
    const bus = await nats.connectedBus();
    const heard = Promise.withResolvers<unknown>();
    bus.hear({ category: 'review' }, () => heard.resolve(activeTrace()));
    await connected(bus);
    const doorbell = { category: 'review', stream: 'review-1', revision: 0, type: 'ReviewOpened', id: 'e1' };
    traced('t3', () => bus.ring(doorbell));
    await expect(heard.promise).resolves.toBe('t3');
  });
});
