import { CodedError } from '@countersign/kernel';
import { formatPath, type PathSegment } from './json-path.ts';
import { refuseNumber } from './strict-number.ts';

/** Objects and arrays within one another; the body itself is the first. */
export const MAX_NESTING = 32;

/** Keys that a JavaScript object or Cedar's JSON form gives a meaning of its own. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', '__entity', '__extn', '__expr']);

/** One token of valid JSON and the white space after it; literals hold nothing to refuse. */
const TOKEN = /("[^"\\]*(?:\\.[^"\\]*)*"|-?[0-9][0-9.eE+-]*|[{}[\],:]|true|false|null)[\t\n\r ]*/gy;

interface Container {
  /** Keys seen so far; undefined in an array. */
  readonly keys: Set<string> | undefined;
  at: PathSegment;
  expectsKey: boolean;
}

/** Walks the text of valid JSON and throws on the first thing that §2 refuses. */
export class JsonScanner {
  readonly #text: string;
  readonly #open: Container[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  scan(): void {
    const text = this.#text.trimStart();
    let scanned = 0;
    for (const [whole, token = ''] of text.matchAll(TOKEN)) {
      this.#onToken(token);
      scanned += whole.length;
    }
    if (scanned !== text.length) {
      throw this.#refusal('malformed_json', 'The body holds something that could not be checked.');
    }
  }

  #onToken(token: string): void {
    if (token.startsWith('"')) this.#onString(JSON.parse(token) as string);
    else if (/^[-0-9]/.test(token)) refuseNumber(token, () => this.#field());
    else this.#onMark(token);
  }

  #onMark(mark: string): void {
    const top = this.#open.at(-1);
    if (mark === '{') this.#enter({ keys: new Set(), at: '', expectsKey: true });
    else if (mark === '[') this.#enter({ keys: undefined, at: 0, expectsKey: false });
    else if (mark === '}' || mark === ']') this.#open.pop();
    else if (mark === ',' && top !== undefined) this.#onComma(top);
  }

  #onComma(top: Container): void {
    top.expectsKey = top.keys !== undefined;
    if (typeof top.at === 'number') top.at += 1;
  }

  #enter(container: Container): void {
    if (this.#open.length === MAX_NESTING) {
      throw this.#refusal('nesting_too_deep', `It nests deeper than ${MAX_NESTING} levels; flatten it.`);
    }
    this.#open.push(container);
  }

  #onString(value: string): void {
    const top = this.#open.at(-1);
    if (top?.expectsKey === true) this.#onKey(top, value);
    if (!value.isWellFormed()) {
      throw this.#refusal('lone_surrogate', 'It holds half of a surrogate pair; send well-formed Unicode.');
    }
  }

  #onKey(top: Container, key: string): void {
    top.at = key;
    top.expectsKey = false;
    if (FORBIDDEN_KEYS.has(key)) {
      throw this.#refusal('forbidden_key', `The name "${key}" is reserved; choose another.`);
    }
    if (top.keys?.has(key) === true) {
      throw this.#refusal('duplicate_key', 'The member stands twice; send it once.');
    }
    top.keys?.add(key);
  }

  #refusal(code: string, message: string): CodedError {
    return new CodedError(code, message, { field: this.#field() });
  }

  #field(): string {
    return formatPath(this.#open.map(({ at }) => at));
  }
}
