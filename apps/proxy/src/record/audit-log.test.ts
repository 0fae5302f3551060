import { appendFile, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { AileronError } from '@aileron/errors';
import {
  event,
  intent,
  linesOnDisk,
  makeLogOptions,
  openLog,
  outcome,
  recordsOnDisk,
  verifyOnDisk,
} from './audit-log.fixture.js';
import { FileTarget } from './file-target.js';
import { listLogFiles } from './log-files.js';
import { type AuditLog } from './audit-log.js';

const opened: AuditLog[] = [];
const open = async (...input: Parameters<typeof openLog>) => {
  const log = await openLog(...input);
  opened.push(log);
  return log;
};
afterAll(() => Promise.all(opened.map((log) => log.close())));

const lastFile = async (log: AuditLog) => (await listLogFiles(log.directory)).at(-1)?.path ?? '';

describe('AuditLog', () => {
  it('keeps one order over many writers and verifies, over files and restarts', async () => {
    const options = await makeLogOptions({ maxFileBytes: 20_000 });
    const first = await open(options);
    await Promise.all(Array.from({ length: 200 }, (_, i) => first.append(event(`e.${i}`), { durable: i % 3 === 0 })));
    await first.close();
    const second = await open(options);
    expect(second.stream).toBe(first.stream);
    await second.append(event('after.restart'));
    await second.close();
    expect((await listLogFiles(second.directory)).length).toBeGreaterThan(1);
    const records = await recordsOnDisk(second);
    expect(records.filter(({ event: name }) => String(name).startsWith('e.')).map(({ event: name }) => name)).toEqual(
      Array.from({ length: 200 }, (_, i) => `e.${i}`),
    );
    const verified = await verifyOnDisk(second);
    expect(verified).toMatchObject({ ok: true, records: records.length, signedThroughSeq: records.length - 1 });
  });

  it('is readable for its user only', async () => {
    const log = await open(await makeLogOptions());
    expect((await stat(await lastFile(log))).mode & 0o777).toBe(0o600);
    expect((await stat(log.directory)).mode & 0o777).toBe(0o700);
  });

  it('cuts a torn last line off, says so, and the chain verifies', async () => {
    const options = await makeLogOptions();
    const log = await open(options);
    await log.append(event('whole'));
    await log.close();
    await appendFile(await lastFile(log), '{"v":1,"stream":"to');
    const again = await open(options);
    expect(await recordsOnDisk(again)).toContainEqual(
      expect.objectContaining({ event: 'log.tail-repaired', detail: { tornBytes: 19, afterSeq: 2 } }),
    );
    await again.close();
    expect((await verifyOnDisk(again)).ok).toBe(true);
  });

  it('records an intent that a crash left without outcome as unknown, also from an earlier file', async () => {
    const options = await makeLogOptions({ maxFileBytes: 4_096 });
    const crashed = await open(options);
    await crashed.append(intent('aud_OPENOPEN'), { durable: true });
    await crashed.append(intent('aud_DONEDONE'), { durable: true });
    await crashed.append(outcome('aud_DONEDONE'));
    for (let i = 0; i < 60; i++) await crashed.append(event(`filler.${i}`));
    expect((await listLogFiles(crashed.directory)).length).toBeGreaterThan(2);
    const again = await open(options);
    const recovered = (await recordsOnDisk(again)).filter(({ kind }) => kind === 'recovered');
    expect(recovered).toHaveLength(1);
    expect(recovered[0]).toMatchObject({
      intentId: 'aud_OPENOPEN',
      operation: 'linear.create_issue',
      sessionId: 'ses_1',
      outcome: { state: 'unknown' },
    });
    const third = await open(options);
    expect((await recordsOnDisk(third)).filter(({ kind }) => kind === 'recovered')).toHaveLength(1);
  });

  it('leaves a log that does not follow itself as it is, and goes on in a new stream that names the place', async () => {
    const warnings: string[] = [];
    const options = await makeLogOptions({ warn: (name) => warnings.push(name) });
    const log = await open(options);
    for (let i = 0; i < 5; i++) await log.append(event(`e.${i}`));
    await log.close();
    const path = await lastFile(log);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('e.2', 'e.9'));
    const next = await open(options);
    expect(next.stream).not.toBe(log.stream);
    expect(warnings).toEqual(['audit.chain-broken']);
    expect(await recordsOnDisk(next)).toContainEqual(
      expect.objectContaining({ event: 'log.chain-broken', detail: { stream: log.stream, seq: 4 } }),
    );
    expect(await verifyOnDisk(log)).toMatchObject({ ok: false, error: { seq: 3 } });
  });

  it('refuses with AUDIT_UNAVAILABLE while the disk is full, and goes on in order once it is not', async () => {
    let full = false;
    let now = Date.parse('2026-11-21T08:00:00Z');
    const options = await makeLogOptions({
      clock: { now: () => now },
      openTarget: async (path, keepBytes) => {
        const target = await FileTarget.open(path, keepBytes);
        return {
          append: async (lines) => {
            if (!full) return target.append(lines);
            // As a disk that fills up in the middle of a line.
            await target.append([Buffer.from(lines[0] ?? '').subarray(0, 20)]);
            throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
          },
          datasync: () => target.datasync(),
          rotate: (next) => target.rotate(next),
          close: () => target.close(),
        };
      },
    });
    const log = await open(options);
    await log.append(event('before'));
    full = true;
    const refused = await log.append(intent('aud_REFUSED00'), { durable: true }).catch((error: unknown) => error);
    expect(AileronError.is(refused, 'AUDIT_UNAVAILABLE')).toBe(true);
    expect(log.available).toBe(false);
    now += 2_000;
    await expect(log.append(event('still.full'))).rejects.toMatchObject({ code: 'AUDIT_UNAVAILABLE' });
    full = false;
    now += 2_000;
    await log.append(event('after'));
    expect(log.available).toBe(true);
    await log.close();
    expect((await recordsOnDisk(log)).map((record) => record['event'] ?? record['kind'])).toEqual([
      'before',
      'log.tail-repaired',
      'log.reopened',
      'after',
      'checkpoint',
    ]);
    expect((await verifyOnDisk(log)).ok).toBe(true);
  });

  it('does not resolve a durable record before a sync that began after its write', async () => {
    const steps: string[] = [];
    const gate = Promise.withResolvers<void>();
    const options = await makeLogOptions({
      openTarget: async (path, keepBytes) => {
        const target = await FileTarget.open(path, keepBytes);
        return {
          append: async (lines) => target.append(lines).then(() => void steps.push('written')),
          datasync: async () => {
            await gate.promise;
            await target.datasync();
            steps.push('synced');
          },
          rotate: (next) => target.rotate(next),
          close: () => target.close(),
        };
      },
    });
    const log = await open(options);
    const durable = log.append(intent('aud_DURABLE00'), { durable: true }).then(() => steps.push('durable'));
    await log.append(event('read')).then(() => steps.push('not durable'));
    expect(steps).toEqual(['written', 'not durable']);
    gate.resolve();
    await durable;
    expect(steps.at(-1)).toBe('durable');
    expect(steps).toContain('synced');
  });

  it('goes on after a file that was cut to nothing', async () => {
    const options = await makeLogOptions();
    const log = await open(options);
    await log.close();
    await truncate(await lastFile(log), 0);
    const again = await open(options);
    await again.append(event('e'));
    expect(await linesOnDisk(again)).toHaveLength(1);
    expect(join(again.directory)).toBe(log.directory);
  });
});
