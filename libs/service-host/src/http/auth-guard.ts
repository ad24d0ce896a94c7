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
      bearerToken(authorizationsOf(request.raw.rawHeaders)),
    );
    return true;
  }
}

/** Every one that came: Node keeps only the first of several in `headers`. */
const authorizationsOf = (rawHeaders: readonly string[]): string[] =>
  rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'authorization',
  );
