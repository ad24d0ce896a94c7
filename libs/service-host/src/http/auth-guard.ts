import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AuthenticationError } from '../authentication/authentication-error.ts';
import { operationOf } from './api-route.ts';

/** No handler runs for an unproven caller, unless its operation is declared `public`, whatever led to it. */
export class AuthGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (operationOf(context.getHandler())?.public === true) return true;
    const { caller } = context.switchToHttp().getRequest<FastifyRequest>();
    if (caller === undefined) throw new AuthenticationError('unauthenticated');
    return true;
  }
}
