import { AileronError } from '@aileron/errors';
import { DEEPEST, endOfString, malformed, PROTOTYPE_KEY, strictDecoder } from './strict-json.js';

/** A number or a word: longer than anybody writes, short enough to be looked at again with each piece. */
const LONGEST_WORD = 1_024;
const WORD = /[-+.0-9A-Za-z]+/y;
/** An escape that its piece may have cut. */
const CUT_UNICODE = /\\u[0-9A-Fa-f]{0,3}$/;
const BACKSLASH = 0x5c;

interface OpenArray {
  readonly items: unknown[];
  readonly members: null;
}

interface OpenObject {
  readonly items: null;
  readonly members: Record<string, unknown>;
  key: string;
}

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or end' | 'nothing';

/**
 * `parseStrictJson` for a long text that comes in pieces, with the same answer and the same refusals: each piece is read
 * as it comes, so that no step is long. Words of more than a thousand characters are refused.
 */
export class StrictJsonReader {
  readonly #decoder = strictDecoder();
  readonly #open: (OpenArray | OpenObject)[] = [];
  #expected: Expected = 'value';
  #begun = false;
  /** Of a token that goes on in the next piece. */
  #rest = '';
  /** What a string holds so far that goes on; null: none does. */
  #string: string | null = null;
  #value: unknown;
  #failure: AileronError | null = null;

  /** Never throws: what is wrong is said at the end. */
  push(bytes: Uint8Array): void {
    if (this.#failure !== null) return;
    try {
      this.#read(this.#decode(bytes, true), false);
    } catch (error) {
      this.#failure = AileronError.from(error);
    }
  }

  /** The value of all that was pushed. @throws AileronError ARGUMENTS_INVALID with what is wrong */
  end(): unknown {
    if (this.#failure !== null) throw this.#failure;
    this.#read(this.#decode(new Uint8Array(0), false), true);
    if (this.#expected !== 'nothing' || this.#string !== null) throw notJson();
    return this.#value;
  }

  #decode(bytes: Uint8Array, stream: boolean): string {
    try {
      const text = this.#decoder.decode(bytes, { stream });
      if (this.#begun || !text.startsWith('\ufeff')) {
        this.#begun ||= text.length > 0;
        return text;
      }
    } catch (cause) {
      throw malformed('is not UTF-8', cause);
    }
    throw malformed('begins with a byte order mark');
  }

  #read(text: string, last: boolean): void {
    const all = this.#rest + text;
    let at = 0;
    while (at < all.length) {
      const next = this.#string === null ? this.#readToken(all, at, last) : this.#readString(all, at);
      if (next === at) break;
      at = next;
    }
    this.#rest = all.slice(at);
  }

  /** The place after it; the same place when it goes on in the next piece. */
  #readToken(text: string, at: number, last: boolean): number {
    switch (text.charCodeAt(at)) {
      case 0x20:
      case 0x09:
      case 0x0a:
      case 0x0d:
        return at + 1;
      case 0x22: // "
        if (!this.#takesValue && !this.#takesKey) throw notJson();
        this.#string = '';
        return at + 1;
      case 0x7b: // {
        this.#begin({ items: null, members: {}, key: '' }, 'key or }');
        return at + 1;
      case 0x5b: // [
        this.#begin({ items: [], members: null }, 'value or ]');
        return at + 1;
      case 0x7d: // }
        this.#end('key or }', 'members');
        return at + 1;
      case 0x5d: // ]
        this.#end('value or ]', 'items');
        return at + 1;
      case 0x2c: // ,
        if (this.#expected !== 'comma or end') throw notJson();
        this.#expected = this.#open.at(-1)?.items === null ? 'key' : 'value';
        return at + 1;
      case 0x3a: // :
        if (this.#expected !== 'colon') throw notJson();
        this.#expected = 'value';
        return at + 1;
      default:
        return this.#readWord(text, at, last);
    }
  }

  #readWord(text: string, at: number, last: boolean): number {
    WORD.lastIndex = at;
    const word = WORD.exec(text)?.[0];
    if (word === undefined || word.length > LONGEST_WORD || !this.#takesValue) throw notJson();
    const end = at + word.length;
    if (end === text.length && !last) return at;
    this.#take(parsed(word));
    return end;
  }

  /** From within a string to its end, or to where the next piece has to go on. */
  #readString(text: string, at: number): number {
    const end = endOfString(text, at - 1);
    const to = end === -1 ? at + wholeEscapes(text.slice(at)) : end;
    const string = `${this.#string ?? ''}${parsed(`"${text.slice(at, to)}"`) as string}`;
    this.#string = end === -1 ? string : null;
    if (end === -1) return to;
    if (this.#takesKey) this.#takeKey(string);
    else this.#take(string);
    return end + 1;
  }

  get #takesValue(): boolean {
    return this.#expected === 'value' || this.#expected === 'value or ]';
  }

  get #takesKey(): boolean {
    return this.#expected === 'key' || this.#expected === 'key or }';
  }

  #begin(container: OpenArray | OpenObject, expected: Expected): void {
    if (!this.#takesValue) throw notJson();
    this.#open.push(container);
    if (this.#open.length > DEEPEST) throw malformed(`is deeper than ${DEEPEST}`);
    this.#expected = expected;
  }

  #end(whenEmpty: Expected, kind: 'items' | 'members'): void {
    const ended = this.#open.at(-1)?.[kind] ?? null;
    if (ended === null || (this.#expected !== whenEmpty && this.#expected !== 'comma or end')) throw notJson();
    this.#open.pop();
    this.#take(ended);
  }

  #takeKey(key: string): void {
    const object = this.#open.at(-1);
    if (object === undefined || object.members === null) throw notJson();
    if (key === PROTOTYPE_KEY) throw malformed('holds a key that is not taken');
    if (Object.hasOwn(object.members, key)) throw malformed('holds a key twice in one object');
    object.key = key;
    this.#expected = 'colon';
  }

  #take(value: unknown): void {
    const inner = this.#open.at(-1);
    if (inner === undefined) this.#value = value;
    else if (inner.items !== null) inner.items.push(value);
    else inner.members[inner.key] = value;
    this.#expected = inner === undefined ? 'nothing' : 'comma or end';
  }
}

/** How much of the inside of a string can be read: all but an escape that the end cuts. */
function wholeEscapes(inside: string): number {
  const unicode = CUT_UNICODE.exec(inside)?.index ?? inside.length - 1;
  let backslashes = 0;
  while (inside.charCodeAt(unicode - backslashes) === BACKSLASH) backslashes += 1;
  return backslashes % 2 === 1 ? unicode : inside.length;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw malformed('is not JSON', cause);
  }
}

const notJson = () => malformed('is not JSON');
