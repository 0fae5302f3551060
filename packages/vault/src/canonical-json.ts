import { utf8 } from './bytes.js';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** One text for one value: keys sorted by UTF-16 unit, no white space (RFC 8785 for strings and whole numbers). */
export function canonicalJson(value: JsonValue): Uint8Array<ArrayBuffer> {
  return utf8(write(value));
}

function write(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'number' && !Number.isSafeInteger(value))
      throw new TypeError('only whole numbers are canonical');
    return JSON.stringify(value);
  }
  const members = Object.entries(value as Readonly<Record<string, JsonValue>>);
  const sorted = members.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, member]) => `${JSON.stringify(key)}:${write(member)}`).join(',')}}`;
}
