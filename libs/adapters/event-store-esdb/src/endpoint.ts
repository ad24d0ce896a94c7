export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export const formatEndpoint = ({ host, port }: Endpoint): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;
