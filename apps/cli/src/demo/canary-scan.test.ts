import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { scanForCanaries, type CanaryPattern } from './canary-scan.js';

const pattern = (text: string): CanaryPattern => ({ canary: 'linear', form: 'raw', bytes: Buffer.from(text) });

describe('the canary scan', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'canary-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('finds nothing where there is nothing, and counts what it read', async () => {
    writeFileSync(join(folder, 'a'), 'harmless');
    const report = await scanForCanaries([{ name: 'files', path: folder }], [pattern('s3cret-value')]);
    expect(report).toEqual({ places: 1, leaked: 0, hits: [], bytes: 8 });
  });

  it('names place, file and form of a hit, also across the edge of a chunk', async () => {
    const file = join(folder, 'big');
    writeFileSync(file, Buffer.concat([Buffer.alloc((4 << 20) - 5, 'x'), Buffer.from('s3cret-value')]));
    const report = await scanForCanaries([{ name: 'files', path: folder }], [pattern('s3cret-value')]);
    expect(report.hits).toEqual([{ place: 'files', file, canary: 'linear', form: 'raw' }]);
  });

  it('reads the target of a link', async () => {
    symlinkSync('/s3cret-value', join(folder, 'link'));
    expect((await scanForCanaries([{ name: 'files', path: folder }], [pattern('s3cret-value')])).leaked).toBe(1);
  });

  it('finds bytes held in memory', async () => {
    const report = await scanForCanaries(
      [{ name: 'stdout', bytes: Buffer.from('…s3cret-value…') }],
      [pattern('s3cret-value')],
    );
    expect(report.leaked).toBe(1);
  });

  it.each([{ path: '/nowhere/at/all' }, { bytes: new Uint8Array() }])(
    'fails on a place it could not read: %o',
    async (place) => {
      await expect(scanForCanaries([{ name: 'logs', ...place }], [pattern('s3cret-value')])).rejects.toThrow('logs');
    },
  );
});
