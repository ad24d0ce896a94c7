import { quoted } from './config-syntax.ts';

export interface RouteTlsFiles {
  /** For both ends of a route: each node is the other's server and client. */
  readonly certificate: string;
  readonly key: string;
  /** PEM file of the authority of the nodes alone: whoever it vouches for joins the cluster, and hears everything. */
  readonly authority: string;
}

export interface NatsCluster {
  /** The same for all nodes. */
  readonly name: string;
  /** This node's own, for ever: JetStream knows its replicas by it. A name, or `$NAME` of an environment variable. */
  readonly node: string;
  /** `host:port` at which the other nodes connect. */
  readonly listen: string;
  /** `nats://host:port` of every node, or `tls://`; a node knows itself among them, so all may share one list. */
  readonly routes: readonly string[];
  /** Absent on loopback alone: without it, whoever reaches the port is a node. */
  readonly tls?: RouteTlsFiles;
}

/**
 * The lines that make a server one of a cluster. Clients aren't told of the other nodes: they know the list that
 * they were given, by names that the certificates have.
 */
export const clusterLines = ({ name, node, listen, routes, tls }: NatsCluster): string[] => [
  `server_name: ${node.startsWith('$') ? node : quoted(node)}`,
  'cluster {',
  `  name: ${quoted(name)}`,
  `  listen: ${quoted(listen)}`,
  '  no_advertise: true',
  `  routes: ${JSON.stringify(routes)}`,
  ...(tls === undefined ? [] : routeTlsLines(tls)),
  '}',
];

/** nats-server demands a good certificate of both ends of a route wherever it has a `tls` block. */
const routeTlsLines = ({ certificate, key, authority }: RouteTlsFiles): string[] => [
  '  tls {',
  `    cert_file: ${quoted(certificate)}`,
  `    key_file: ${quoted(key)}`,
  `    ca_file: ${quoted(authority)}`,
  '    timeout: 2',
  '  }',
];
