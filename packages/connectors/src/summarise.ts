import type { Operation } from './connector.js';

const LONGEST = 200;
/** Fields that say in a word what a call is about. */
const TELLING = ['title', 'name', 'summary', 'subject', 'body', 'model', 'id', 'term', 'query'];

/** A line for people: the operation's title and its most telling argument. The text is the agent's: surfaces neutralise it. */
export function summarise(operation: Operation, values: Readonly<Record<string, unknown>>): string {
  const { input } = values;
  const inner = typeof input === 'object' && input !== null ? (input as Readonly<Record<string, unknown>>) : {};
  let telling: unknown;
  for (const name of TELLING) {
    telling = Object.hasOwn(inner, name) ? inner[name] : values[name];
    if (typeof telling === 'string') break;
  }
  const text = typeof telling === 'string' ? `${operation.title}: ${telling}` : operation.title;
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
