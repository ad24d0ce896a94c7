// Lets a child process of a test run from source: Node strips types by itself, but compiles no decorators,
// so files that have any are compiled here. Used as `node --import <this> script.ts`.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import typescript from 'typescript';

const { ModuleKind, ScriptTarget, transpileModule } = typescript;

const compilerOptions = {
  module: ModuleKind.ESNext,
  target: ScriptTarget.ES2024,
  experimentalDecorators: true,
  verbatimModuleSyntax: true,
};

const DECORATOR = /^\s*@[A-Z]\w*\(/m;

registerHooks({
  load: (url, context, nextLoad) => {
    if (!url.startsWith('file:') || !url.endsWith('.ts')) return nextLoad(url, context);
    const source = readFileSync(fileURLToPath(url), 'utf8');
    if (!DECORATOR.test(source)) return nextLoad(url, context);
    return {
      format: 'module',
      shortCircuit: true,
      source: transpileModule(source, { compilerOptions }).outputText,
    };
  },
});
