import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const IMPORT = /from '([^']+)'/g;

/** Everything that a source reaches by its imports. */
function reached(path: string, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  for (const [, specifier = ''] of readFileSync(path, 'utf8').matchAll(IMPORT)) {
    if (specifier.startsWith('.')) reached(join(dirname(path), specifier.replace(/\.js$/, '.ts')), found);
    else found.add(specifier);
  }
  return found;
}

it('the events and their fold run in a browser: they reach no module but zod', () => {
  const all = [...reached(fileURLToPath(new URL('../agent-events.ts', import.meta.url)))];
  expect(all.filter((name) => !name.startsWith('/'))).toEqual(['zod']);
  expect(all.filter((name) => name.startsWith('/')).length).toBeGreaterThan(8);
  for (const path of all.filter((name) => name.startsWith('/')))
    expect(readFileSync(path, 'utf8')).not.toMatch(/\bBuffer\b|\bprocess\./);
});
