import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import type { Node } from './parse-template.ts';

export type Value = unknown;
type Variables = ReadonlyMap<string, Value>;
export type Definitions = ReadonlyMap<string, readonly Node[]>;

const isRecord = (value: Value): value is Readonly<Record<string, Value>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Go's: false, 0, nothing, and whatever is empty. */
const isTrue = (value: Value): boolean => {
  if (Array.isArray(value) || typeof value === 'string') return value.length > 0;
  return isRecord(value) ? Object.keys(value).length > 0 : Boolean(value);
};

const asText = (value: Value): string => {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  throw new Error('A list or a map was printed; give it to toYaml.');
};

const indent = (by: Value, text: Value): string =>
  asText(text)
    .split('\n')
    .map((line) => ' '.repeat(Number(by)) + line)
    .join('\n');

const fail = (message: Value): never => {
  throw new Error(asText(message));
};

/** Helm's functions, those that our templates call. */
const FUNCTIONS: Readonly<Record<string, (...given: Value[]) => Value>> = {
  and: (...all) => all.find((each) => !isTrue(each)) ?? all.at(-1),
  default: (otherwise, value) => (isTrue(value) ? value : otherwise),
  dict: (...pairs) =>
    Object.fromEntries(pairs.flatMap((key, at) => (at % 2 === 0 ? [[asText(key), pairs[at + 1]]] : []))),
  eq: (a, b) => a === b,
  fail,
  index: (of, key) => (isRecord(of) ? of[asText(key)] : undefined),
  ne: (a, b) => a !== b,
  nindent: (by, text) => `\n${indent(by, text)}`,
  not: (value) => !isTrue(value),
  or: (...all) => all.find(isTrue) ?? all.at(-1),
  printf: (format, ...values) =>
    values.reduce<string>((text, value) => text.replace('%s', asText(value)), asText(format)),
  quote: (value) => JSON.stringify(asText(value)),
  required: (message, value) =>
    value === undefined || value === null || value === '' ? fail(message) : value,
  regexMatch: (pattern, text) => new RegExp(asText(pattern)).test(asText(text)),
  sha256sum: (text) => createHash('sha256').update(asText(text)).digest('hex'),
  toYaml: (value) => stringify(value, { lineWidth: 0 }).trimEnd(),
  trim: (text) => asText(text).trim(),
};

const member = (of: Value, path: readonly string[]): Value =>
  path.reduce<Value>((value, name) => (isRecord(value) ? value[name] : undefined), of);

/** Renders one template; `dot` is what `.` stands for. */
export class Renderer {
  readonly #defined: Definitions;

  constructor(defined: Definitions) {
    this.#defined = defined;
  }

  render(nodes: readonly Node[], dot: Value): string {
    return this.#nodes(nodes, dot, new Map([['$', dot]]));
  }

  #nodes(nodes: readonly Node[], dot: Value, outer: Variables): string {
    const variables = new Map(outer);
    let text = '';
    for (const node of nodes) {
      if (node.kind === 'set') variables.set(node.name, this.#value(node.pipeline, dot, variables));
      else text += this.#node(node, dot, variables);
    }
    return text;
  }

  #node(node: Exclude<Node, { kind: 'set' }>, dot: Value, variables: Variables): string {
    if (node.kind === 'text') return node.text;
    const value = this.#value(node.pipeline, dot, variables);
    if (node.kind === 'print') return asText(value);
    if (node.kind === 'if') return this.#nodes(isTrue(value) ? node.met : node.otherwise, dot, variables);
    return entriesOf(value, node.pipeline)
      .map(([key, each]) =>
        this.#nodes(node.body, each, new Map([...variables, [node.key, key], [node.value, each]])),
      )
      .join('');
  }

  #value(pipeline: readonly string[], dot: Value, variables: Variables): Value {
    let piped: Value[] = [];
    for (const command of splitAt(pipeline, '|')) piped = [this.#command(command, piped, dot, variables)];
    return piped[0];
  }

  #command(command: readonly string[], piped: readonly Value[], dot: Value, variables: Variables): Value {
    const [first = '', ...rest] = command;
    if (!/^[A-Za-z]/.test(first) || first === 'true' || first === 'false') {
      const [value, ...more] = this.#operands(command, dot, variables);
      if (more.length > 0 || piped.length > 0)
        throw new Error(`"${command.join(' ')}" is given what it can't take.`);
      return value;
    }
    const given = [...this.#operands(rest, dot, variables), ...piped];
    if (first === 'include') return this.#include(given);
    const call = FUNCTIONS[first];
    if (call === undefined) throw new Error(`No template of ours calls "${first}".`);
    return call(...given);
  }

  #include([name, dot]: readonly Value[]): string {
    const body = this.#defined.get(asText(name));
    if (body === undefined) throw new Error(`Nothing defines "${asText(name)}".`);
    return this.render(body, dot);
  }

  #operands(words: readonly string[], dot: Value, variables: Variables): Value[] {
    const values: Value[] = [];
    for (let at = 0; at < words.length; at += 1) {
      const word = words[at] ?? '';
      if (word !== '(') values.push(operand(word, dot, variables));
      else {
        const close = closing(words, at);
        values.push(this.#value(words.slice(at + 1, close), dot, variables));
        at = close;
      }
    }
    return values;
  }
}

/** As Go ranges: over a list in its order, over a map in that of its keys, over what isn't there not at all. */
const entriesOf = (value: Value, pipeline: readonly string[]): readonly (readonly [Value, Value])[] => {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return [...value.entries()];
  if (!isRecord(value)) throw new Error(`{{ range ${pipeline.join(' ')} }} has no map and no list.`);
  return Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
};

const operand = (word: string, dot: Value, variables: Variables): Value => {
  if (word === '.') return dot;
  if (word.startsWith('.')) return member(dot, word.slice(1).split('.'));
  if (/^["\d-]/.test(word) || word === 'true' || word === 'false') return JSON.parse(word);
  const [name = '', ...path] = word.split('.');
  if (!variables.has(name)) throw new Error(`There is no variable ${word}.`);
  return member(variables.get(name), path);
};

const closing = (words: readonly string[], open: number): number => {
  let depth = 0;
  for (let at = open; at < words.length; at += 1) {
    depth += words[at] === '(' ? 1 : words[at] === ')' ? -1 : 0;
    if (depth === 0) return at;
  }
  throw new Error('A parenthesis is not closed.');
};

/** At the top level alone. */
const splitAt = (words: readonly string[], separator: string): readonly (readonly string[])[] => {
  const parts: string[][] = [[]];
  let depth = 0;
  for (const word of words) {
    depth += word === '(' ? 1 : word === ')' ? -1 : 0;
    if (word === separator && depth === 0) parts.push([]);
    else parts.at(-1)?.push(word);
  }
  return parts;
};
