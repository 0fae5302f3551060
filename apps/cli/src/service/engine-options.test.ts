import { readFile } from 'node:fs/promises';
import { expect, it } from '@jest/globals';
import { ENGINE_OPTIONS } from './engine-options.js';

it('`./aileron up` gives what serves the same options of V8 as the program does', async () => {
  const script = await readFile(new URL('../../../../aileron', import.meta.url), 'utf8');
  expect(script).toContain(`up | service) exec node ${ENGINE_OPTIONS.join(' ')} `);
});
