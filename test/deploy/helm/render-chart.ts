import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { parseTemplate } from './parse-template.ts';
import { Renderer, type Value } from './render-template.ts';

const CHART = join(import.meta.dirname, '../../../deploy/helm/countersign');
const record = z.record(z.string(), z.unknown());
type Values = Readonly<Record<string, unknown>>;

export const manifestSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string() }),
});
export type Manifest = z.infer<typeof manifestSchema>;

const textOf = (name: string): string => readFileSync(join(CHART, name), 'utf8');

/** Maps are merged, everything else is replaced, as Helm does. */
const merged = (below: Value, above: Value): Value => {
  const [base, top] = [record.safeParse(below), record.safeParse(above)];
  if (!base.success || !top.success) return above === undefined ? below : above;
  const keys = new Set([...Object.keys(base.data), ...Object.keys(top.data)]);
  return Object.fromEntries([...keys].map((key) => [key, merged(base.data[key], top.data[key])]));
};

const checked = (values: Value): Value => {
  const validate = new Ajv({ allErrors: true, strict: true, strictRequired: false }).compile(
    JSON.parse(textOf('values.schema.json')),
  );
  if (validate(values)) return values;
  throw new Error(`The values are refused: ${JSON.stringify(validate.errors)}`);
};

const renderFiles = (values: Values): ReadonlyMap<string, string> => {
  const chart = z.object({ name: z.string(), appVersion: z.string() }).parse(parse(textOf('Chart.yaml')));
  const files = globSync('templates/*', { cwd: CHART }).toSorted();
  const templates = new Map(files.map((name) => [name, parseTemplate(textOf(name))]));
  const renderer = new Renderer(new Map([...templates.values()].flatMap(({ defined }) => [...defined])));
  const dot = {
    Chart: { Name: chart.name, AppVersion: chart.appVersion },
    Release: { Name: 'cs', Namespace: 'countersign', Service: 'Helm' },
    Values: checked(merged(parse(textOf('values.yaml')), values)),
  };
  return new Map([...templates].map(([name, { body }]) => [name, renderer.render(body, dot)]));
};

/**
 * What `helm template cs` makes of the chart. Not Helm's own engine, which is to be had from no registry of ours, but
 * a small one for the part of its language that our templates keep to; what it doesn't know it refuses.
 */
export const renderChart = (values: Values): readonly Manifest[] =>
  [...renderFiles(values)]
    .filter(([name]) => name.endsWith('.yaml'))
    .flatMap(([, text]) => parseAllDocuments(text, { strict: true, uniqueKeys: true }))
    .flatMap((document) => {
      const [error] = 'errors' in document ? document.errors : [];
      if (error !== undefined) throw error;
      const manifest: unknown = 'toJS' in document ? document.toJS() : undefined;
      return manifest === null || manifest === undefined ? [] : [manifestSchema.parse(manifest)];
    });

export const renderNotes = (values: Values): string => renderFiles(values).get('templates/NOTES.txt') ?? '';
