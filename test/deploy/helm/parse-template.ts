import { cut, words, type Piece } from './tokens.ts';

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly pipeline: readonly string[] }
  | { readonly kind: 'set'; readonly name: string; readonly pipeline: readonly string[] }
  | {
      readonly kind: 'if';
      readonly pipeline: readonly string[];
      readonly met: Node[];
      readonly otherwise: Node[];
    }
  | {
      readonly kind: 'range';
      readonly key: string;
      readonly value: string;
      readonly pipeline: readonly string[];
      readonly body: Node[];
    };

export interface Template {
  readonly body: readonly Node[];
  readonly defined: ReadonlyMap<string, readonly Node[]>;
}

interface Block {
  readonly end: 'end' | 'else';
  readonly rest: readonly string[];
}

/** What our templates use of Go's: text, values, `:=`, if and else, range over two variables, define. */
class Parser {
  readonly defined = new Map<string, readonly Node[]>();
  readonly #pieces: readonly Piece[];
  #at = 0;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
  }

  /** Up to the end of the file, or of the block. */
  block(into: Node[]): Block | undefined {
    for (let piece = this.#next(); piece !== undefined; piece = this.#next()) {
      if (piece.kind === 'text') {
        into.push(piece);
        continue;
      }
      const [first = '', ...rest] = words(piece.source);
      if (first === 'end' || first === 'else') return { end: first, rest };
      this.#action(into, first, rest);
    }
    return undefined;
  }

  #next(): Piece | undefined {
    this.#at += 1;
    return this.#pieces[this.#at - 1];
  }

  #action(into: Node[], first: string, rest: readonly string[]): void {
    if (first === 'define') this.defined.set(rest[0]?.slice(1, -1) ?? '', this.#closed());
    else if (first === 'if') into.push(this.#condition(rest));
    else if (first === 'range') into.push(this.#range(rest));
    else if (rest[0] === ':=') into.push({ kind: 'set', name: first, pipeline: rest.slice(1) });
    else into.push({ kind: 'print', pipeline: [first, ...rest] });
  }

  #condition(pipeline: readonly string[]): Node {
    const [met, otherwise]: [Node[], Node[]] = [[], []];
    if (this.#ends(met).end === 'else') this.#closed(otherwise);
    return { kind: 'if', pipeline, met, otherwise };
  }

  #range([key = '', comma, value = '', set, ...pipeline]: readonly string[]): Node {
    if (comma !== ',' || set !== ':=') throw new Error('A range of ours names two variables.');
    return { kind: 'range', key, value, pipeline, body: this.#closed() };
  }

  #closed(body: Node[] = []): Node[] {
    const { end, rest } = this.#ends(body);
    if (end !== 'end' || rest.length > 0) throw new Error('A block of ours ends with {{ end }}.');
    return body;
  }

  #ends(body: Node[]): Block {
    const block = this.block(body);
    if (block === undefined) throw new Error('A block has no end.');
    return block;
  }
}

export const parseTemplate = (source: string): Template => {
  const parser = new Parser(cut(source));
  const body: Node[] = [];
  if (parser.block(body) !== undefined) throw new Error('There is an {{ end }} too many.');
  return { body, defined: parser.defined };
};
