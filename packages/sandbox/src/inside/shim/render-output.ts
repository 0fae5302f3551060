import { plainText } from '../plain-text.js';
import type { ShimOutput } from './shim-spec.js';

/** What a person or an agent reads of an answer: a line for each value, or JSON where there is no template. */
export function renderOutput(answer: unknown, output: ShimOutput): string {
  const value = follow(answer, output.path);
  if (output.template === null) return JSON.stringify(value ?? null, null, 2);
  const { template } = output;
  const items = Array.isArray(value) ? (value as unknown[]) : [value];
  if (items.length === 0) return '(none)';
  return items.map((item) => renderLine(template, item)).join('\n');
}

function renderLine(template: string, item: unknown): string {
  return template.replaceAll(/\{([\w.]+)\}/g, (_match, path: string) => plainText(follow(item, path.split('.'))));
}

function follow(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const name of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, name)) return undefined;
    current = (current as Record<string, unknown>)[name];
  }
  return current;
}
