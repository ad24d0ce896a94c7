import type { Metadata } from '@grpc/grpc-js';

/** Who may call, by password. Every user may read and append; nobody may delete or change a stream's settings. */
export class Logins {
  readonly #passwords: ReadonlyMap<string, string> | undefined;

  /** Passwords by user; undefined: nobody is asked. */
  constructor(users: Readonly<Record<string, string>> | undefined) {
    this.#passwords = users === undefined ? undefined : new Map(Object.entries(users));
  }

  isKnown(metadata: Metadata): boolean {
    if (this.#passwords === undefined) return true;
    const [, basic = ''] = /^Basic (.+)$/.exec(String(metadata.get('authorization')[0])) ?? [];
    const login = Buffer.from(basic, 'base64').toString('utf8');
    const [, user, password] = /^([^:]+):([^]*)$/.exec(login) ?? [];
    return user !== undefined && this.#passwords.get(user) === password;
  }
}
