import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HTTP_ROUTES } from '@countersign/contracts';
import { SERVICE_NAMES } from '@countersign/kernel';
import { SETTING_NAMES } from '@countersign/service-host';
import { describe, expect, it } from 'vitest';
import { composeFile, composeService, type ComposeService } from './compose-file.ts';

const root = join(import.meta.dirname, '../..');
const all = Object.entries(composeFile.services);
const namesWhere = (holds: (service: ComposeService) => boolean): readonly string[] =>
  all.filter(([, service]) => holds(service)).map(([name]) => name);

describe('docker-compose.yml', () => {
  it('runs the five services, three nodes of NATS, the store, and what is looked at', () => {
    const names = all.map(([name]) => name);
    const nodes = ['nats-1', 'nats-2', 'nats-3'];
    const tools = ['ingress', 'otel-collector', 'jaeger', 'prometheus', 'grafana'];
    expect(names).toEqual(expect.arrayContaining([...SERVICE_NAMES, ...nodes, 'store', ...tools]));
  });

  it('names a version of every image', () => {
    const ours = /^countersign-[a-z]+:local$/;
    expect(namesWhere(({ image }) => !ours.test(image) && !/:[a-z]*\d+\.\d+/.test(image))).toEqual([]);
    expect(namesWhere(({ image }) => image.endsWith(':latest'))).toEqual([]);
  });

  it('builds each service from the target of its name', () => {
    expect(SERVICE_NAMES.map((name) => composeService(name).build?.target)).toEqual(SERVICE_NAMES);
  });

  it('gives nobody a privilege, and a capability only to who hands out the files', () => {
    expect(namesWhere(({ privileged }) => privileged === true)).toEqual([]);
    expect(namesWhere(({ cap_drop: drop }) => drop?.join() !== 'ALL')).toEqual([]);
    expect(namesWhere(({ cap_add: add }) => add !== undefined)).toEqual(['setup']);
    expect(namesWhere(({ security_opt: options }) => !options?.includes('no-new-privileges:true'))).toEqual(
      [],
    );
  });

  it('has a root file system for reading alone, but of the store, whose image writes where it likes', () => {
    expect(namesWhere(({ read_only: readOnly }) => readOnly !== true)).toEqual(['store']);
  });

  it('runs nothing as root that listens to others', () => {
    const root = namesWhere(({ user }) => user?.startsWith('0') === true);
    expect(root).toEqual(['setup', 'nats']);
    const byImage = namesWhere(({ user }) => user === undefined);
    expect(byImage.toSorted()).toEqual([...SERVICE_NAMES, 'store'].toSorted());
  });

  it('lets nobody use all of the machine', () => {
    expect(namesWhere(({ deploy }) => deploy?.resources === undefined)).toEqual(['nats']);
  });

  it('is open to this machine alone', () => {
    const ports = all.flatMap(([, service]) => service.ports);
    expect(ports.length).toBeGreaterThan(0);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  it('gives a service settings that there are', () => {
    const unknown = SERVICE_NAMES.flatMap((name) => Object.keys(composeService(name).environment)).filter(
      (setting) => !SETTING_NAMES.includes(setting),
    );
    expect(unknown).toEqual([]);
  });

  it('gives a service no keys but its own', () => {
    const foreign = SERVICE_NAMES.flatMap((name) =>
      composeService(name).volumes.filter((volume) => !new RegExp(`^(${name}-own|public):`).test(volume)),
    );
    expect(foreign).toEqual([]);
    const writable = SERVICE_NAMES.flatMap((name) =>
      composeService(name).volumes.filter((volume) => !volume.endsWith(':ro')),
    );
    expect(writable).toEqual([]);
  });

  it('keeps the keys of the authorities and of the issuer from everybody who serves', () => {
    const holders = (volume: string): readonly string[] =>
      namesWhere(({ volumes }) => volumes.some((each) => each.startsWith(`${volume}:`)));
    expect(holders('authority')).toEqual(['setup']);
    expect(holders('issuer')).toEqual(['setup', 'token']);
    expect(holders('store-admin')).toEqual(['setup', 'store-setup']);
  });

  it('names files, volumes, networks and services that there are', () => {
    const mounts = all.flatMap(([, { volumes }]) => volumes.map((volume) => volume.split(':')[0] ?? ''));
    const missing = mounts.filter((from) =>
      from.startsWith('./') ? !existsSync(join(root, from)) : !(from in composeFile.volumes),
    );
    expect(missing).toEqual([]);
    const networks = all.flatMap(([, service]) => service.networks);
    expect(networks.filter((name) => !(name in composeFile.networks))).toEqual([]);
    const needed = all.flatMap(([, { depends_on: needs = [] }]) =>
      Array.isArray(needs) ? needs : Object.keys(needs),
    );
    expect(needed.filter((name) => !(name in composeFile.services))).toEqual([]);
  });

  it('routes by the prefixes of the contracts', () => {
    const location = (match: string, service: string): string =>
      `    location ${match} {\n      set $upstream ${service};\n      proxy_pass http://$upstream:7420;\n    }\n`;
    const rendered = HTTP_ROUTES.map(
      ({ prefix, service }) => location(`= ${prefix}`, service) + location(`${prefix}/`, service),
    );
    const deployed = readFileSync(join(root, 'deploy/compose/nginx/routes.conf'), 'utf8');
    expect(deployed.replace(/^#.*\n/gm, '')).toBe(rendered.join(''));
  });
});
