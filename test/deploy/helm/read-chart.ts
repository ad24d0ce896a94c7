import { z } from 'zod';
import type { Manifest } from './render-chart.ts';

/** The least that values give. */
export const NEEDED = {
  ingress: { host: 'countersign.example' },
  nats: { url: 'tls://nats-1:4222,tls://nats-2:4222,tls://nats-3:4222' },
  eventStore: { address: 'esdb://store:2113' },
  issuersConfigMap: 'issuers',
  policiesConfigMap: 'policies',
  publicKeysConfigMap: 'public-keys',
};

type Manifests = readonly Manifest[];

/** The one manifest of this kind and service, of a release that is called `cs`. */
export const named = (among: Manifests, kind: string, service: string): Manifest => {
  const found = among.find((each) => each.kind === kind && each.metadata.name === `cs-${service}`);
  if (found === undefined) throw new Error(`There is no ${kind} of ${service}.`);
  return found;
};

const deployment = z.looseObject({
  spec: z.looseObject({
    template: z.looseObject({
      metadata: z.looseObject({ annotations: z.record(z.string(), z.string()).default({}) }),
      spec: z.looseObject({
        automountServiceAccountToken: z.boolean(),
        terminationGracePeriodSeconds: z.number(),
        securityContext: z.looseObject({
          runAsNonRoot: z.boolean(),
          runAsUser: z.number(),
          fsGroup: z.number(),
          seccompProfile: z.object({ type: z.string() }),
        }),
        containers: z.array(
          z.looseObject({
            image: z.string(),
            env: z.array(z.object({ name: z.string(), value: z.string() })),
            securityContext: z.unknown(),
            readinessProbe: z.unknown(),
            livenessProbe: z.unknown(),
            volumeMounts: z.array(
              z.looseObject({
                name: z.string(),
                mountPath: z.string(),
                readOnly: z.boolean().default(false),
              }),
            ),
          }),
        ),
        volumes: z.array(
          z.looseObject({
            name: z.string(),
            secret: z.object({ secretName: z.string(), defaultMode: z.number().optional() }).optional(),
            configMap: z.object({ name: z.string() }).optional(),
          }),
        ),
      }),
    }),
  }),
});

const templateOf = (among: Manifests, service: string) =>
  deployment.parse(named(among, 'Deployment', service)).spec.template;

export const readAnnotations = (among: Manifests, service: string): Readonly<Record<string, string>> =>
  templateOf(among, service).metadata.annotations;

export const readPod = (among: Manifests, service: string) => templateOf(among, service).spec;

export const readContainer = (among: Manifests, service: string) => {
  const [container] = readPod(among, service).containers;
  if (container === undefined) throw new Error(`${service} has no container.`);
  return container;
};

export const readSettings = (among: Manifests, service: string): ReadonlyMap<string, string> =>
  new Map(readContainer(among, service).env.map(({ name, value }) => [name, value]));

const policy = z.looseObject({
  spec: z.object({
    policyTypes: z.array(z.string()),
    podSelector: z.unknown(),
    ingress: z
      .array(z.object({ from: z.array(z.unknown()).min(1), ports: z.array(z.unknown()).min(1) }))
      .default([]),
    egress: z
      .array(
        z.object({
          to: z.array(z.unknown()).min(1),
          ports: z.array(z.looseObject({ port: z.number() })).min(1),
        }),
      )
      .default([]),
  }),
});

export const networkPolicyOf = (among: Manifests, service: string) =>
  policy.parse(named(among, 'NetworkPolicy', service)).spec;

const ingress = z.looseObject({
  spec: z.looseObject({
    rules: z.array(
      z.object({
        host: z.string(),
        http: z.object({
          paths: z.array(
            z.object({
              path: z.string(),
              pathType: z.enum(['Prefix', 'Exact']),
              backend: z.object({ service: z.object({ name: z.string() }).loose() }),
            }),
          ),
        }),
      }),
    ),
  }),
});

export const routesOf = (among: Manifests) =>
  ingress
    .parse(among.find(({ kind }) => kind === 'Ingress'))
    .spec.rules.flatMap(({ http }) => http.paths)
    .map(({ path, pathType, backend }) => ({
      path,
      pathType,
      service: backend.service.name.replace('cs-', ''),
    }));
