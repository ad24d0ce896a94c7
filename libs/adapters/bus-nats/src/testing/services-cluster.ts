import { freePort } from './real-nats.ts';
import { makeSeeds, ServicesNats } from './services-nats.ts';

const NAMES = ['nats-1', 'nats-2', 'nats-3'];

/** Three nodes on loopback with the configuration of five services apart. Routes aren't encrypted here. */
export class ServicesCluster {
  readonly #nodes: ReadonlyMap<string, ServicesNats>;

  private constructor(nodes: ReadonlyMap<string, ServicesNats>) {
    this.#nodes = nodes;
  }

  static async up(): Promise<ServicesCluster> {
    const ports = await Promise.all(NAMES.map(freePort));
    const routes = ports.map((port) => `nats://127.0.0.1:${port}`);
    const seeds = makeSeeds();
    const starting = NAMES.map(async (node, index) => {
      const listen = `127.0.0.1:${ports[index]}`;
      return [
        node,
        await ServicesNats.up({ seeds, cluster: { name: 'test', node, listen, routes } }),
      ] as const;
    });
    return new ServicesCluster(new Map(await Promise.all(starting)));
  }

  get addresses(): readonly string[] {
    return [...this.#nodes.values()].map((node) => node.address);
  }

  node(name: string): ServicesNats {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`No node is called ${name}.`);
    return node;
  }

  /** The names of all nodes but this. */
  others(name: string): readonly string[] {
    return NAMES.filter((each) => each !== name);
  }

  async end(): Promise<void> {
    await Promise.all([...this.#nodes.values()].map((node) => node.end()));
  }
}
