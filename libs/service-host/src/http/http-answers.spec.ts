import { fastify } from 'fastify';
import { describe, expect, it } from 'vitest';
import { tellOfAnswers } from './http-answers.ts';

describe('answers over HTTP', () => {
  it('are told of when they are ready and when they are on their way, by route', async () => {
    const app = fastify();
    const told: string[] = [];
    const answered = Promise.withResolvers<void>();
    tellOfAnswers(app, (moment, route) => {
      told.push(`${moment} ${route}`);
      if (moment === 'after') answered.resolve();
    });
    app.get('/v1/others/:id', () => ({}));
    expect((await app.inject({ method: 'GET', url: '/v1/others/7' })).statusCode).toBe(200);
    await answered.promise;
    expect(told).toEqual(['before GET /v1/others/:id', 'after GET /v1/others/:id']);
  });
});
