import { readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { ENGINE_ENVIRONMENT, ENGINE_OPTIONS } from './engine-options.js';

it('`./aileron up` gives what serves the same options as the program does', async () => {
  const script = await readFile(new URL('../../../../aileron', import.meta.url), 'utf8');
  const environment = Object.entries(ENGINE_ENVIRONMENT).map(([name, value]) => `${name}=${value}`);
  expect(script).toContain(`up | service) exec env ${environment.join(' ')} \\\n`);
  expect(script).toContain(` node ${ENGINE_OPTIONS.join(' ')} `);
});
