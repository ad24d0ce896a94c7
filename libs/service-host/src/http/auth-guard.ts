import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Authenticator } from '../authentication/authenticator.ts';
import { bearerToken } from '../authentication/bearer-token.ts';
import { operationOf } from './api-route.ts';

/** Every route asks for a token, unless its operation is declared `public`. */
export class AuthGuard implements CanActivate {
  readonly #authenticator: Authenticator;

  constructor(authenticator: Authenticator) {
    this.#authenticator = authenticator;
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (operationOf(context.getHandler())?.public === true) return true;
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    request.caller = await this.#authenticator.authenticate(
      bearerToken(request.raw.headersDistinct['authorization']),
    );
    return true;
  }
}
