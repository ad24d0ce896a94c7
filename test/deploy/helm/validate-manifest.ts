import { join } from 'node:path';
import ts from 'typescript';
import { z } from 'zod';
import type { Manifest } from './render-chart.ts';

/** Where the kinds of each version stand, with types and validation; what isn't here is unknown to the tests. */
const MODULES: Readonly<Record<string, string>> = {
  'apps/v1': 'kubernetes-models/apps/v1',
  'autoscaling/v2': 'kubernetes-models/autoscaling/v2',
  'networking.k8s.io/v1': 'kubernetes-models/networking.k8s.io/v1',
  'policy/v1': 'kubernetes-models/policy/v1',
  v1: 'kubernetes-models/v1',
};

const moduleOf = ({ apiVersion, kind }: Manifest): string => {
  const module = MODULES[apiVersion];
  if (module === undefined) throw new Error(`${apiVersion}/${kind} is a kind that no schema is here for.`);
  return `${module}/${kind}`;
};

interface Model {
  validate(): void;
}

const isModel = (found: unknown): found is new (data: Manifest) => Model => typeof found === 'function';

/** What Kubernetes' own schemas find wrong: what is missing, and values of the wrong kind. */
export const validate = async (manifest: Manifest): Promise<void> => {
  const models: unknown = await import(moduleOf(manifest));
  const model = z.record(z.string(), z.unknown()).parse({ ...Object(models) })[manifest.kind];
  if (!isModel(model)) throw new Error(`${manifest.apiVersion} has no ${manifest.kind}.`);
  new model(manifest).validate();
};

const source = (manifests: readonly Manifest[]): string =>
  manifests
    .map((manifest, at) => {
      const type = `import('${moduleOf(manifest)}').I${manifest.kind}`;
      return `export const manifest${at}: ${type} = ${JSON.stringify(manifest)};`;
    })
    .join('\n');

/**
 * What no schema says: members that there are none of, such as a misspelled one that a server would drop or refuse.
 * The compiler finds them, as these are literals of the types that are made from the same schemas.
 */
export const unknownMembers = (manifests: readonly Manifest[]): readonly string[] => {
  const name = join(import.meta.dirname, 'rendered.ts');
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2024,
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const own = ts.createSourceFile(name, source(manifests), ts.ScriptTarget.ES2024, true);
  const program = ts.createProgram([name], options, {
    ...host,
    fileExists: (path) => path === name || host.fileExists(path),
    getSourceFile: (path, version) => (path === name ? own : host.getSourceFile(path, version)),
  });
  return ts
    .getPreEmitDiagnostics(program, own)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
};
