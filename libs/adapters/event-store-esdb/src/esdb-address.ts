import { CodedError } from '@countersign/kernel';
import type { Endpoint } from './endpoint.ts';

/** Where the store is and how to reach it. Who we are stands apart: a password has no place in an address. */
export interface EsdbAddress {
  readonly endpoints: readonly Endpoint[];
  /** The nodes are asked which of them leads; a single node without `+discover` is taken as it is. */
  readonly discover: boolean;
  readonly tls: boolean;
  /** PEM file of the authority that signed the nodes' certificates, where the system doesn't know it. */
  readonly tlsCaFile: string | undefined;
}

const ADDRESS = /^(?:esdb|kurrentdb|kdb)(\+discover)?:\/\/([^/?#]+)\/?(?:\?([^#]*))?$/;
const NODE = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::([1-9][0-9]{0,4}))?$/;
const DEFAULT_PORT = 2113;

const invalid = (message: string): CodedError<'invalid_event_store_address'> =>
  new CodedError('invalid_event_store_address', message);

const parseNode = (text: string): Endpoint => {
  const [, host, port] = NODE.exec(text) ?? [];
  if (host === undefined) throw invalid('give the nodes as host:port, separated by commas');
  return { host: host.replace(/^\[|\]$/g, ''), port: port === undefined ? DEFAULT_PORT : Number(port) };
};

const isLoopback = ({ host }: Endpoint): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('127.');

const parseTls = (value: string | undefined): boolean => {
  if (value === undefined || value === 'true') return true;
  if (value === 'false') return false;
  throw invalid('tls is true or false');
};

/**
 * Parses `esdb://host:port[,host:port…][?tls=false][&tlsCaFile=<path>]` (also `esdb+discover://`, and the
 * scheme `kurrentdb`). Anything else, an option that we don't heed or a login in it is
 * `invalid_event_store_address`: an option that is dropped in silence misleads who wrote it.
 */
export const parseEsdbAddress = (text: string): EsdbAddress => {
  const [, discover, nodes, query = ''] = ADDRESS.exec(text) ?? [];
  if (nodes === undefined) throw invalid('give esdb://host:port, without a path');
  if (nodes.includes('@')) throw invalid('give no login in the address; name user and password file');
  const options = new Map(new URLSearchParams(query));
  const unknown = [...options.keys()].find((name) => name !== 'tls' && name !== 'tlsCaFile');
  if (unknown !== undefined) throw invalid(`"${unknown}" is no option; there are tls and tlsCaFile`);
  const endpoints = nodes.split(',').map(parseNode);
  const tls = parseTls(options.get('tls'));
  if (!tls && !endpoints.every(isLoopback)) throw invalid('tls=false is for nodes on loopback alone');
  return {
    endpoints,
    discover: discover !== undefined || endpoints.length > 1,
    tls,
    tlsCaFile: options.get('tlsCaFile'),
  };
};
