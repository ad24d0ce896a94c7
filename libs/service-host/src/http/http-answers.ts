import type { FastifyInstance } from 'fastify';
import { routeOf } from './route-of.ts';

/** Each answer over HTTP: ready to be sent, and handed to the system. `route` is `METHOD /v1/things/:id`. */
export type OnHttpAnswer = (moment: 'before' | 'after', route: string) => void | Promise<void>;

export const tellOfAnswers = (fastify: FastifyInstance, onHttpAnswer: OnHttpAnswer): void => {
  fastify.addHook('onSend', async (request) => onHttpAnswer('before', routeOf(request) ?? request.method));
  fastify.addHook('onResponse', async (request) => onHttpAnswer('after', routeOf(request) ?? request.method));
};
