import { Controller, Inject, type DynamicModule } from '@nestjs/common';
import type { JsonObject } from '@countersign/kernel';
import { z } from 'zod';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { ApiRoute } from './api-route.ts';
import { reply, type Reply } from './reply.ts';

export interface OperatorFacts {
  readonly lifecycle: Lifecycle;
  readonly telemetry: Pick<Telemetry, 'prometheus'>;
  readonly openApi: () => JsonObject;
}

const OPERATOR_FACTS = Symbol('countersign:operator-facts');

const liveView = z.strictObject({ status: z.literal('live'), state: z.string() });
const readyView = z.strictObject({
  status: z.enum(['ready', 'unready']),
  failed: z.record(z.string(), z.string()).describe('what is not ready, and why'),
});

const operators = { method: 'GET', public: true, tags: ['operators'] } as const;

@Controller()
export class OperatorController {
  readonly #facts: OperatorFacts;

  constructor(@Inject(OPERATOR_FACTS) facts: OperatorFacts) {
    this.#facts = facts;
  }

  @ApiRoute({
    ...operators,
    path: '/health/live',
    summary: 'Whether the process runs',
    responses: { 200: { description: 'It runs', schema: liveView } },
  })
  live(): z.infer<typeof liveView> {
    return { status: 'live', state: this.#facts.lifecycle.state };
  }

  @ApiRoute({
    ...operators,
    path: '/health/ready',
    summary: 'Whether the process should be given work',
    responses: {
      200: { description: 'Ready', schema: readyView },
      503: { description: 'Not ready, and why', schema: readyView },
    },
  })
  async ready(): Promise<Reply<z.infer<typeof readyView>>> {
    const failed = await this.#facts.lifecycle.unready();
    return Object.keys(failed).length === 0
      ? reply(200, { status: 'ready', failed })
      : reply(503, { status: 'unready', failed });
  }

  @ApiRoute({
    ...operators,
    path: '/metrics',
    summary: "Metrics in Prometheus' text format",
    responses: { 200: { description: 'The metrics' } },
  })
  async metrics(): Promise<Reply<string>> {
    const body = await this.#facts.telemetry.prometheus();
    return reply(200, body, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
  }

  @ApiRoute({
    ...operators,
    path: '/openapi.json',
    summary: 'This description',
    responses: { 200: { description: 'OpenAPI 3.1' } },
  })
  openApi(): JsonObject {
    return this.#facts.openApi();
  }
}

export class OperatorModule {
  static with(facts: OperatorFacts): DynamicModule {
    return {
      module: OperatorModule,
      controllers: [OperatorController],
      providers: [{ provide: OPERATOR_FACTS, useValue: facts }],
    };
  }
}
