import { describe, expect, it } from 'vitest';
import { parseEsdbAddress } from './esdb-address.ts';

const node = (host: string, port = 2113) => ({ host, port });
const secure = { discover: false, tls: true, tlsCaFile: undefined };

describe('an address of an event store', () => {
  it.each([
    ['esdb://db.example', { ...secure, endpoints: [node('db.example')] }],
    ['kurrentdb://db.example:2114/', { ...secure, endpoints: [node('db.example', 2114)] }],
    ['esdb+discover://db.example', { ...secure, discover: true, endpoints: [node('db.example')] }],
    ['esdb://a:1,b:2', { ...secure, discover: true, endpoints: [node('a', 1), node('b', 2)] }],
    ['esdb://[::1]:2113?tls=false', { ...secure, tls: false, endpoints: [node('::1')] }],
    ['esdb://a?tls=true&tlsCaFile=/ca.pem', { ...secure, tlsCaFile: '/ca.pem', endpoints: [node('a')] }],
  ])('is understood: %s', (text, address) => {
    expect(parseEsdbAddress(text)).toEqual(address);
  });

  it.each([
    ['another scheme', 'http://a:2113'],
    ['no node', 'esdb://'],
    ['a login, which would be logged', 'esdb://admin:changeit@a:2113'],
    ['a path', 'esdb://a/b'],
    ['a port that is none', 'esdb://a:x'],
    ['an option that is not heeded', 'esdb://a?nodePreference=follower'],
    ['a value that is none', 'esdb://a?tls=maybe'],
    ['plain text to another machine', 'esdb://db.example?tls=false'],
    ['plain text to one of several', 'esdb://127.0.0.1,db.example?tls=false'],
  ])('is refused with %s', (_, text) => {
    expect(() => parseEsdbAddress(text)).toThrow(
      expect.objectContaining({ code: 'invalid_event_store_address' }),
    );
  });
});
