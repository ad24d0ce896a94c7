import { isAlias, isNode, isPair, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import type { z } from 'zod';
import type { Diagnostic } from './policy-engine.ts';
import type { PolicyFile } from './policy-set.ts';

type Path = readonly PropertyKey[];

/** One YAML 1.2 file, read strictly; every remark about it carries the line of the member it is about. */
export class YamlFile {
  readonly #file: PolicyFile;
  readonly #lines = new LineCounter();
  readonly #document: Document.Parsed;

  constructor(file: PolicyFile) {
    this.#file = file;
    this.#document = parseDocument(file.content, {
      lineCounter: this.#lines,
      version: '1.2',
      schema: 'core',
      uniqueKeys: true,
      strict: true,
      merge: false,
      prettyErrors: false,
    });
  }

  /** Remark on the member at `path`, or on the nearest one around it that exists. */
  diagnostic(code: string, message: string, path: Path = []): Diagnostic {
    const line = this.lineOf(path);
    return { file: this.#file.path, ...(line === undefined ? {} : { line }), code, message };
  }

  /** The content as `schema` takes it, or the remarks why not. */
  parse<Output>(
    schema: z.ZodType<Output>,
  ):
    | { readonly value: Output; readonly diagnostics: readonly [] }
    | { readonly diagnostics: readonly Diagnostic[] } {
    const syntax = this.#syntaxDiagnostics();
    if (syntax.length > 0) return { diagnostics: syntax };
    const parsed = schema.safeParse(this.#document.toJS());
    if (parsed.success) return { value: parsed.data, diagnostics: [] };
    return { diagnostics: parsed.error.issues.flatMap((issue) => this.#issueDiagnostics(issue)) };
  }

  #syntaxDiagnostics(): readonly Diagnostic[] {
    const problems = [...this.#document.errors, ...this.#document.warnings].map((error) => ({
      file: this.#file.path,
      line: this.#lines.linePos(error.pos[0]).line,
      code: error.code === 'DUPLICATE_KEY' ? 'duplicate_key' : 'malformed_yaml',
      message: error.message,
    }));
    return [...problems, ...this.#forbiddenNodes()];
  }

  /**
   * An alias makes a rule say something elsewhere than where it is read, and a key `__proto__` vanishes
   * in an object: neither is read.
   */
  #forbiddenNodes(): readonly Diagnostic[] {
    const found: Diagnostic[] = [];
    visit(this.#document, (_key, node) => {
      const key = isPair(node) && isScalar(node.key) && node.key.value === '__proto__' ? node.key : undefined;
      const forbidden = isAlias(node) ? node : key;
      if (forbidden === undefined) return;
      const line = this.#lines.linePos(forbidden.range?.[0] ?? 0).line;
      const message = isAlias(node) ? 'Write the value out; aliases are not read.' : 'No name is __proto__.';
      found.push({ file: this.#file.path, line, code: 'malformed_yaml', message });
    });
    return found;
  }

  #issueDiagnostics(issue: z.core.$ZodIssue): readonly Diagnostic[] {
    const name = issue.path.map(String).join('.');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) =>
        this.diagnostic('unknown_member', `"${key}" is no member ${name === '' ? 'here' : `of ${name}`}.`, [
          ...issue.path,
          key,
        ]),
      );
    }
    return [
      this.diagnostic('invalid_member', `${name === '' ? 'The file' : name}: ${issue.message}.`, issue.path),
    ];
  }

  /** 1-based line of the member at `path`, or of the nearest one around it that exists. */
  lineOf(path: Path): number | undefined {
    for (let length = path.length; length >= 0; length -= 1) {
      const node = length === 0 ? this.#document.contents : this.#document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return this.#lines.linePos(node.range[0]).line;
    }
    return undefined;
  }
}
