import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { createLogger, type Logger } from '@aileron/telemetry';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../e2e/running-service.fixture.js';
import { PartProcess } from './part-process.js';

/** Ready and gone at its first start; at each later one it is not ready yet. Writes down that it was started. */
const PART = `
import { appendFileSync, readFileSync } from 'node:fs';
appendFileSync(process.env.STARTS_FILE, 'x');
if (readFileSync(process.env.STARTS_FILE, 'utf8') === 'x') {
  process.stdout.write('{"ready":true}\\n', () => process.exit(1));
} else setInterval(() => undefined, 1_000);
`;

describe('a part that died and is being started again', () => {
  let folder: string;
  let logged: string;
  let logger: Logger;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aileron-part-'));
    await writeFile(join(folder, 'part.mjs'), PART);
    logged = '';
    logger = createLogger({ service: 'test', destination: { write: (line) => void (logged += line) } });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is not started a third time when it is told to stop in between', async () => {
    const starts = join(folder, 'starts');
    const count = () => readFile(starts, 'utf8').then(({ length }) => length);
    const part = new PartProcess({
      name: 'part',
      main: join(folder, 'part.mjs'),
      environment: { STARTS_FILE: starts },
      logger,
      onReady: () => undefined,
    });
    await part.start();
    await eventually(async () => (await count()) === 2);
    await part.stop();
    await setImmediate();
    expect(logged.match(/part\.died/g)).toHaveLength(1);
    expect(logged).not.toContain('part.not-started');
  });

  it('says so when its program cannot be run', async () => {
    const part = new PartProcess({
      name: 'part',
      main: join(folder, 'nowhere.mjs'),
      environment: {},
      logger,
      onReady: () => undefined,
    });
    await expect(part.start()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await part.stop();
  });
});
