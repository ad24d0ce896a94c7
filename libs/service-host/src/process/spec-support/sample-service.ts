import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Controller, type DynamicModule } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  parsePolicySet,
  policySetToEvents,
  POLICY_SET_STREAM,
  readPolicyFolder,
} from '@countersign/policy-engine';
import { CodedError } from '@countersign/kernel';
import type { Caller } from '../../authentication/caller.ts';
import { ApiRoute } from '../../http/api-route.ts';
import { CurrentCaller, RequestEnding } from '../../http/request-parts.ts';
import type { ServiceContext } from '../../service-context.ts';
import { serviceActor } from '../service-actor.ts';

export const ECHO_SUBJECT = 'countersign.internal.call.policy.echo';

const ACME = fileURLToPath(new URL('../../../../../deploy/samples/acme', import.meta.url));

const activate = async ({ writer, store }: ServiceContext): Promise<void> => {
  if ((await store.readStream(POLICY_SET_STREAM)).length > 0) return;
  const actor = serviceActor('policy');
  const set = parsePolicySet(await readPolicyFolder(ACME));
  await writer.append(POLICY_SET_STREAM, 'no-stream', policySetToEvents(set, actor), {
    actor,
    correlationId: POLICY_SET_STREAM,
  });
};

@Controller()
class SampleController {
  @ApiRoute({
    method: 'GET',
    path: '/v1/me',
    summary: 'Who calls',
    tags: ['sample'],
    responses: { 200: { description: 'The caller' } },
  })
  me(@CurrentCaller() { principal, via }: Caller): unknown {
    return { principal, via };
  }

  @ApiRoute({
    method: 'GET',
    path: '/v1/wait',
    summary: 'Waits until the process drains',
    tags: ['sample'],
    public: true,
    responses: { 200: { description: 'It drains' } },
  })
  async wait(@RequestEnding() ending: AbortSignal): Promise<unknown> {
    process.stdout.write('waiting\n');
    if (!ending.aborted) await once(ending, 'abort');
    return { drained: true };
  }

  @ApiRoute({
    method: 'GET',
    path: '/v1/hang',
    summary: 'Never answers',
    tags: ['sample'],
    public: true,
    responses: { 200: { description: 'Never' } },
  })
  async hang(): Promise<void> {
    process.stdout.write('hanging\n');
    await new Promise(() => undefined);
  }

  @MessagePattern(ECHO_SUBJECT)
  echo(@Payload() payload: { readonly refuse?: boolean }): unknown {
    if (payload.refuse === true) throw new CodedError('review_closed', 'It is closed.');
    return { echo: payload };
  }
}

class SampleModule {}

/** The least that a service can be: a route, a call, and a policy set with one person. */
export const sampleModule = (
  context: ServiceContext,
  onContext: (context: ServiceContext) => void = () => undefined,
): DynamicModule => {
  onContext(context);
  context.lifecycle.add({ name: 'sample', start: async () => activate(context) });
  return { module: SampleModule, controllers: [SampleController] };
};
