import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTelemetry, type Telemetry } from '@countersign/service-host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';

const deploy = join(import.meta.dirname, '../../deploy');
const textOf = (path: string): string => readFileSync(join(deploy, path), 'utf8');

const dashboard = z
  .object({
    panels: z.array(
      z.looseObject({
        id: z.number(),
        title: z.string(),
        type: z.string(),
        gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
        targets: z.array(z.object({ expr: z.string() })).default([]),
      }),
    ),
  })
  .parse(JSON.parse(textOf('grafana/countersign.json')));

const rules = z
  .object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.object({
            alert: z.string(),
            expr: z.string(),
            labels: z.object({ severity: z.enum(['page', 'ticket']) }),
            annotations: z.object({ summary: z.string() }),
          }),
        ),
      }),
    ),
  })
  .parse(parse(textOf('prometheus/alerts.yaml')))
  .groups.flatMap((group) => group.rules);

const expressions = [
  ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ...rules.map(({ expr }) => expr),
];

/** Names of time series; `up` is Prometheus's own. */
const seriesIn = (expression: string): readonly string[] =>
  [...expression.matchAll(/\b(countersign|http_server)_\w+/g)]
    .map(([name]) => name)
    .filter((name) => !name.startsWith('http_server') || name.includes('duration'));

let telemetry: Telemetry;
let scraped: string;
beforeAll(async () => {
  telemetry = await createTelemetry({ processName: 'test', otlpEndpoint: undefined });
  for (const instrument of Object.values(telemetry.metrics)) {
    if (typeof instrument === 'function') instrument(() => 1);
    else if ('record' in instrument) instrument.record(1);
    else instrument.add(1);
  }
  scraped = await telemetry.prometheus();
});
afterAll(() => telemetry.close());

describe('dashboard and alerts', () => {
  it('ask for series that the services have', () => {
    const has = new Set([...scraped.matchAll(/^(\w+)(?=[{ ])/gm)].map(([name]) => name));
    const asked = expressions.flatMap(seriesIn);
    expect(asked.length).toBeGreaterThan(30);
    expect(asked.filter((name) => !has.has(name))).toEqual([]);
  });

  it('leave out no metric of ours', () => {
    const ours = [...scraped.matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name);
    const forgotten = ours.filter((name) => name !== 'target_info' && !expressions.join('\n').includes(name));
    expect(forgotten).toEqual([]);
  });

  it('show each panel in a place of its own', () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });

  it('say once what each alert is', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });

  it('have each a heading in the runbook, and the runbook no other', () => {
    const [, runbook = ''] = textOf('../docs/operations.md').split('\n## Runbook\n');
    const headings = [...runbook.matchAll(/^### (\w+)$/gm)].map(([, heading]) => heading);
    expect(headings).toHaveLength(rules.length);
    expect(new Set(headings)).toEqual(new Set(rules.map(({ alert }) => alert)));
  });

  it('hold what Prometheus itself thinks of them', (context) => {
    const promtool = process.env['COUNTERSIGN_PROMTOOL'] ?? 'promtool';
    if (spawnSync(promtool, ['--version']).error !== undefined) {
      context.skip('there is no promtool; Debian has it in the package prometheus');
    }
    const folder = mkdtempSync(join(tmpdir(), 'countersign-rules-'));
    const panels = join(folder, 'panels.yaml');
    writeFileSync(panels, stringify(panelsAsRules()));
    const refused = [
      ['check', 'rules', 'prometheus/alerts.yaml'],
      ['test', 'rules', 'prometheus/alerts.test.yaml'],
      ['check', 'config', '--syntax-only', 'compose/prometheus/prometheus.yaml'],
      ['check', 'rules', panels],
    ]
      .map((args) => spawnSync(promtool, args, { cwd: deploy, encoding: 'utf8' }))
      .filter(({ status }) => status !== 0);
    rmSync(folder, { recursive: true });
    expect(refused.map(({ stdout, stderr }) => stdout + stderr)).toEqual([]);
  });
});

/** The expressions of the dashboard in a form that promtool checks. */
const panelsAsRules = () => {
  const panels = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
  const records = panels.map((expr, at) => ({
    record: `panel:${at}`,
    expr: expr.replaceAll('$__rate_interval', '5m'),
  }));
  return { groups: [{ name: 'panels', rules: records }] };
};
