import { readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { ENGINE_ENVIRONMENT, ENGINE_OPTIONS } from './engine-options.js';

const textOf = (path: string) => readFile(new URL(`../../../../${path}`, import.meta.url), 'utf8');

it('`./aileron up` gives what serves the same options as the program does', async () => {
  const script = await textOf('aileron');
  const environment = Object.entries(ENGINE_ENVIRONMENT).map(([name, value]) => `${name}=${value}`);
  expect(script).toContain(`up | service) exec env ${environment.join(' ')} \\\n`);
  expect(script).toContain(` node ${ENGINE_OPTIONS.join(' ')} `);
});

it('the bench measures with the same options', async () => {
  const contestant = await textOf('bench/src/contestants/aileron.contestant.ts');
  expect(contestant).toContain(`[${ENGINE_OPTIONS.map((option) => `'${option}'`).join(', ')}]`);
  for (const [name, value] of Object.entries(ENGINE_ENVIRONMENT)) expect(contestant).toContain(`${name}: '${value}'`);
});
