import { HTTP_ROUTES } from '@countersign/contracts';
import { SERVICE_NAMES, type ServiceName } from '@countersign/kernel';
import { SETTING_NAMES } from '@countersign/service-host';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  named,
  NEEDED,
  networkPolicyOf,
  readContainer,
  readPod,
  readSettings,
  routesOf,
} from './read-chart.ts';
import { renderChart, renderNotes } from './render-chart.ts';
import { unknownMembers, validate } from './validate-manifest.ts';

/** Every branch of the templates that `NEEDED` leaves out, but for the operator's own kind. */
const EVERYTHING = {
  ...NEEDED,
  issuersConfigMap: '',
  issuers: [{ issuer: 'https://idp.example', audience: 'countersign', jwksUri: 'https://idp.example/jwks' }],
  policiesConfigMap: '',
  policies: {
    'data.cedar': '@id("a")\npermit (principal, action, resource);\n',
    'directory.yaml': 'persons: []\n',
  },
  publicKeysConfigMap: '',
  publicKeys: { 'policy.k.json': '{"kty":"OKP"}' },
  caConfigMap: 'authorities',
  image: {
    tag: '1.2.3',
    digests: { policy: `sha256:${'a'.repeat(64)}` },
    pullSecrets: [{ name: 'registry' }],
  },
  ingress: { host: 'countersign.example', tlsSecret: 'countersign-tls' },
  telemetry: { otlpEndpoint: 'http://otel.observability:4318' },
  networkPolicy: { issuers: [{ ipBlock: { cidr: '203.0.113.0/24' } }] },
  services: {
    notification: {
      extraEnv: [{ name: 'EXTRA', value: 'x' }],
      extraVolumes: [{ name: 'channel', secret: { secretName: 'countersign-notification-channel' } }],
      extraVolumeMounts: [{ name: 'channel', mountPath: '/run/countersign/channel', readOnly: true }],
      autoscaling: { enabled: true },
      extraEgress: [
        { to: [{ ipBlock: { cidr: '198.51.100.0/24' } }], ports: [{ port: 443, protocol: 'TCP' }] },
      ],
    },
  },
  priorityClassName: 'important',
  nodeSelector: { disk: 'ssd' },
  tolerations: [{ key: 'dedicated', operator: 'Exists' }],
};

const rendered = { needed: renderChart(NEEDED), everything: renderChart(EVERYTHING) };

const podOf = (service: ServiceName, among = rendered.needed) => readPod(among, service);
const containerOf = (service: ServiceName, among = rendered.needed) => readContainer(among, service);
const settingsOf = (service: ServiceName, among = rendered.needed) => readSettings(among, service);

describe.each(Object.entries(rendered))('the chart with the values that are %s', (_, manifests) => {
  it('is made of what the schemas of Kubernetes allow', async () => {
    for (const manifest of manifests) await validate(manifest);
  });

  it('holds no secret, only names of them', () => {
    expect(manifests.filter(({ kind }) => kind === 'Secret')).toEqual([]);
  });
});

describe('the checks themselves', () => {
  it('find what is missing, and what is of the wrong kind', async () => {
    const service = named(rendered.needed, 'Service', 'policy');
    await expect(validate({ ...service, spec: { ports: [{}] } })).rejects.toThrow();
    await expect(validate({ ...service, spec: { ports: [{ port: 'http' }] } })).rejects.toThrow();
  });
});

describe('the chart', () => {
  it('has no member that Kubernetes does not know, where a misspelled one is found', () => {
    const misspelled = { ...named(rendered.needed, 'Service', 'policy'), spec: { selectr: {} } };
    const found = unknownMembers([...rendered.needed, ...rendered.everything, misspelled]);
    expect(found).toEqual([expect.stringContaining('selectr')]);
  }, 60_000);

  it.each(['Deployment', 'Service', 'ServiceAccount', 'PodDisruptionBudget', 'NetworkPolicy'])(
    'has one %s for each service',
    (kind) => {
      const names = rendered.needed.filter((each) => each.kind === kind).map(({ metadata }) => metadata.name);
      expect(names.filter((name) => name !== 'cs-deny-all').toSorted()).toEqual(
        SERVICE_NAMES.map((service) => `cs-${service}`).toSorted(),
      );
    },
  );

  it.each(SERVICE_NAMES)('gives %s settings that there are', (service) => {
    const names = [...settingsOf(service, rendered.everything).keys()].filter((name) => name !== 'EXTRA');
    expect(names.filter((name) => !SETTING_NAMES.includes(name))).toEqual([]);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(SERVICE_NAMES)('runs %s with no right that it does not need', (service) => {
    const pod = podOf(service);
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(containerOf(service).securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    const writable = containerOf(service).volumeMounts.filter(({ readOnly }) => !readOnly);
    expect(writable.map(({ name }) => name)).toEqual(['data', 'tmp']);
  });

  it.each(SERVICE_NAMES)('gives %s its own secrets alone', (service) => {
    const secrets = podOf(service).volumes.flatMap(({ secret }) => secret?.secretName ?? []);
    expect(secrets).toEqual([`countersign-${service}-keys`, `countersign-${service}-logins`]);
    expect(settingsOf(service).has('COUNTERSIGN_NATS_REQUESTS_NKEY_FILE')).toBe(service === 'intake');
    expect(settingsOf(service).has('COUNTERSIGN_POLICIES')).toBe(service === 'policy');
  });

  it('gives a pod longer to end than it takes to drain', () => {
    const { terminationGracePeriodSeconds: seconds } = podOf('intake');
    expect(seconds).toBeGreaterThan(
      Number.parseInt(settingsOf('intake').get('COUNTERSIGN_SHUTDOWN_TIMEOUT') ?? ''),
    );
  });

  it('routes by the prefixes of the contracts, but for those of chat, which is off', () => {
    const open = HTTP_ROUTES.filter(({ service }) => service !== 'notification');
    expect(routesOf(rendered.needed)).toEqual(
      open.map(({ prefix, service }) => ({ path: prefix, pathType: 'Prefix', service })),
    );
  });

  it('lets a call in that the services take: of a chat platform 256 KiB', () => {
    const { metadata } = z
      .looseObject({ metadata: z.looseObject({ annotations: z.record(z.string(), z.string()) }) })
      .parse(rendered.needed.find(({ kind }) => kind === 'Ingress'));
    const size = metadata.annotations['nginx.ingress.kubernetes.io/proxy-body-size'] ?? '';
    expect(Number.parseInt(size)).toBeGreaterThan(256);
  });

  it('lets in nothing and nobody where no policy says so', () => {
    const deny = networkPolicyOf(rendered.needed, 'deny-all');
    expect(deny).toMatchObject({ policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] });
    expect(deny.podSelector).toEqual({
      matchLabels: { 'app.kubernetes.io/name': 'countersign', 'app.kubernetes.io/instance': 'cs' },
    });
  });

  it.each(SERVICE_NAMES)(
    'lets %s reach names, NATS and the store, and be reached as the contracts say',
    (service) => {
      const { ingress, egress } = networkPolicyOf(rendered.needed, service);
      expect(egress.flatMap(({ ports }) => ports.map(({ port }) => port))).toEqual([53, 53, 4222, 2113]);
      const fromOutside = JSON.stringify(ingress).includes('ingress-nginx');
      expect(fromOutside).toBe(service !== 'notification');
      expect(ingress).toHaveLength(fromOutside ? 2 : 1);
    },
  );

  it('takes a digest before a tag', () => {
    expect(containerOf('policy', rendered.everything).image).toMatch(/countersign-policy@sha256:a{64}$/);
    expect(containerOf('audit', rendered.everything).image).toMatch(/countersign-audit:1\.2\.3$/);
  });

  it('scales what it is told to, and leaves the number of those to the autoscaler', () => {
    const scaled = rendered.needed.filter(({ kind }) => kind === 'HorizontalPodAutoscaler');
    expect(scaled.map(({ metadata }) => metadata.name)).toEqual(['cs-credentials', 'cs-intake', 'cs-policy']);
    expect(named(rendered.needed, 'Deployment', 'intake')['spec']).not.toHaveProperty('replicas');
    expect(named(rendered.needed, 'Deployment', 'audit')['spec']).toHaveProperty('replicas', 2);
  });

  it('watches its services where the operator is there', () => {
    const monitors = renderChart({
      ...NEEDED,
      telemetry: { serviceMonitor: { enabled: true, labels: { a: 'b' } } },
    });
    expect(monitors.filter(({ kind }) => kind === 'ServiceMonitor')).toHaveLength(1);
    expect(rendered.needed.filter(({ kind }) => kind === 'ServiceMonitor')).toEqual([]);
  });

  it.each([
    ['no address of NATS', { ...NEEDED, nats: { url: '' } }],
    ['NATS without TLS', { ...NEEDED, nats: { url: 'nats://nats:4222' } }],
    ['no issuer of tokens', { ...NEEDED, issuersConfigMap: '' }],
    ['no host', { ...NEEDED, ingress: { host: '' } }],
    ['a value that there is none of', { ...NEEDED, replicas: 3 }],
    ['an image that changes under its name', { ...NEEDED, image: { tag: 'latest' } }],
  ])('refuses %s', (_, values) => {
    expect(() => renderChart(values)).toThrow();
  });

  it('says afterwards where it is', () => {
    expect(renderNotes(NEEDED)).toContain('https://countersign.example');
  });
});
