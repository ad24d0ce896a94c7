import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import type { JsonObject } from '@countersign/kernel';
import type { FloorWork } from './floor-work.ts';

const DIGEST = 'd'.repeat(43);

/** The paths of the HTTP API, each with the least that it can do. */
export const floorController = (work: FloorWork): new () => object => {
  class FloorController {
    async submit(body: JsonObject, wait: string | undefined): Promise<JsonObject> {
      const id = await work.append(body);
      const evaluated = work.evaluate(id);
      if (wait !== undefined) await evaluated;
      return { id, digest: DIGEST, status: wait === undefined ? 'received' : 'approved', ...body };
    }

    get(id: string): JsonObject {
      return { id, digest: DIGEST, status: 'pending' };
    }

    async decide(id: string, body: JsonObject): Promise<JsonObject> {
      await work.append(body);
      return { id, status: 'approved' };
    }

    async claim(body: JsonObject): Promise<JsonObject> {
      await work.append(body);
      return { ...body, token: work.sign().toString('base64url') };
    }

    async redeem(body: JsonObject): Promise<JsonObject> {
      work.verify();
      await work.hop({ requestId: DIGEST });
      await work.append(body);
      return { grantId: DIGEST };
    }

    async report(id: string, body: JsonObject): Promise<JsonObject> {
      await work.append(body);
      return { id, status: 'succeeded' };
    }
  }
  decorate(FloorController);
  return FloorController;
};

type Parameter = (target: object, key: string, index: number) => void;

/** Plain Node strips types but knows no decorators: they are called as the functions they are. */
const decorate = (controller: new () => object): void => {
  const prototype = controller.prototype as object;
  const route = (
    key: string,
    decorators: readonly MethodDecorator[],
    parameters: readonly Parameter[],
  ): void => {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, key) ?? {};
    for (const decorator of decorators) decorator(prototype, key, descriptor);
    for (const [index, parameter] of parameters.entries()) parameter(prototype, key, index);
  };
  route('submit', [Post('/v1/requests'), HttpCode(202)], [Body(), Query('wait')]);
  route('get', [Get('/v1/requests/:id')], [Param('id')]);
  route('decide', [Post('/v1/reviews/:id/decisions')], [Param('id'), Body()]);
  route('claim', [Post('/v1/grants')], [Body()]);
  route('redeem', [Post('/v1/grants/redemptions'), HttpCode(200)], [Body()]);
  route('report', [Post('/v1/grants/:id/outcome')], [Param('id'), Body()]);
  Controller()(controller);
};
