import { CodedError } from '@countersign/kernel';
import { Controller, Module, type INestMicroservice } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CodedRpcExceptionFilter } from './coded-rpc-exception-filter.ts';
import { NatsStrategy, type NatsStrategyOptions } from './nats-strategy.ts';
import { RealNats, connected } from './testing/real-nats.ts';

const CALL = 'countersign.internal.call.policy';
let begun = Promise.withResolvers<void>();
let gate = Promise.withResolvers<string>();

@Controller()
class CallsController {
  @MessagePattern(`${CALL}.echo`)
  echo(@Payload() message: unknown): unknown {
    return { echo: message };
  }

  @MessagePattern(`${CALL}.refuse`)
  refuse(): never {
    throw new CodedError('review_closed', 'The review has ended.', { field: 'requestId' });
  }

  @MessagePattern(`${CALL}.fail`)
  fail(): never {
    throw new Error('password=hunter2');
  }

  @MessagePattern(`${CALL}.wait`)
  wait(): Promise<string> {
    begun.resolve();
    return gate.promise;
  }

  @MessagePattern(`${CALL}.nothing`)
  nothing(): void {}
}

@Module({ controllers: [CallsController] })
class CallsModule {}

let nats: RealNats;
let service: INestMicroservice | undefined;

const serve = async ({
  filter = true,
  decorate,
}: { readonly filter?: boolean } & Pick<
  NatsStrategyOptions,
  'decorate'
> = {}): Promise<INestMicroservice> => {
  const strategy = new NatsStrategy({ bus: nats.bus(), queue: 'policy', drainMs: 2_000, decorate });
  const testing = await Test.createTestingModule({ imports: [CallsModule] }).compile();
  service = testing.createNestMicroservice({ strategy, logger: false });
  if (filter) service.useGlobalFilters(new CodedRpcExceptionFilter());
  await service.listen();
  await connected(strategy.unwrap());
  return service;
};
const call = async (name: string, message: string | null = null) =>
  (await nats.connectedBus()).request(`${CALL}.${name}`, message, { deadlineMs: 2_000 });

beforeEach(async () => {
  begun = Promise.withResolvers();
  gate = Promise.withResolvers();
  nats = await RealNats.up();
});
afterEach(async () => {
  await service?.close();
  service = undefined;
  await nats.end();
});

describe('a NestJS service over NATS', () => {
  it('has each of its handlers wrapped as it was told', async () => {
    const handled: string[] = [];
    await serve({
      decorate: (handler) => async (incoming) => {
        const answer = await handler(incoming);
        handled.push(incoming.natsSubject);
        return answer;
      },
    });
    expect(await call('echo', 'hello')).toEqual({ echo: 'hello' });
    expect(handled).toEqual([`${CALL}.echo`]);
  });

  it('answers a message pattern, and nothing with null', async () => {
    await serve();
    await expect(call('echo', 'x')).resolves.toEqual({ echo: 'x' });
    await expect(call('nothing')).resolves.toBeNull();
  });

  it('refuses with the code and field of the error', async () => {
    await serve();
    await expect(call('refuse')).rejects.toMatchObject({ code: 'review_closed', field: 'requestId' });
  });

  it.each([{ filter: true }, { filter: false }])(
    'leaks nothing of an unexpected error (%o)',
    async (options) => {
      await serve(options);
      const error: unknown = await call('fail').catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'internal_error' });
      expect(String(error)).not.toContain('hunter2');
    },
  );

  it('starts while the server is down, and serves when it comes', async () => {
    await nats.stop();
    const serving = serve();
    await nats.start();
    await serving;
    await expect(call('echo', 'late')).resolves.toEqual({ echo: 'late' });
  });

  it('finishes what is in hand before it is closed', async () => {
    const started = await serve();
    const answer = call('wait');
    await begun.promise;
    let closed = false;
    const closing = started.close().then(() => (closed = true));
    expect(closed).toBe(false);
    gate.resolve('done');
    await expect(answer).resolves.toBe('done');
    await closing;
  });

  it('refuses to start with an event handler, which doorbells are not for', async () => {
    const strategy = new NatsStrategy({ bus: nats.bus(), queue: 'policy' });
    strategy.addHandler('countersign.internal.doorbell.review', () => Promise.resolve(), true);
    const listening = Promise.withResolvers<unknown>();
    strategy.listen(listening.resolve);
    expect(await listening.promise).toMatchObject({ code: 'unsupported' });
  });
});
