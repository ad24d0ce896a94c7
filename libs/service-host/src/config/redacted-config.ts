import type { ServiceConfig } from './service-config.ts';

/** What a starting process logs of its settings: addresses without user info, issuers by name. */
export const redactedConfig = (config: ServiceConfig): Record<string, unknown> => ({
  ...config,
  issuers: config.issuers.map(({ issuer }) => issuer),
  otlpEndpoint: config.otlpEndpoint === undefined ? undefined : withoutUserInfo(config.otlpEndpoint),
});

const withoutUserInfo = (address: string): string => {
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname}`;
};
