import { describe, expect, it } from '@jest/globals';
import { runBounded } from './bounded-command.js';

const shell = (script: string, timeoutMs = 10_000, signal = AbortSignal.timeout(20_000)) =>
  runBounded({ command: '/bin/sh', args: ['-c', script], cwd: '/', signal, timeoutMs });

describe('a bounded command', () => {
  it('tells its exit code and the tail of its output', async () => {
    const result = await shell('head -c 100000 /dev/zero | tr "\\0" x; echo; echo last >&2; exit 3');
    expect(result).toMatchObject({ status: 'exited', code: 3, output: expect.stringMatching(/last\n$/) });
    expect(result.output.length).toBeLessThanOrEqual(4_000);
  });

  it('ends with all that it started when the time is over', async () => {
    const marker = `aileron-${process.hrtime.bigint()}`;
    const result = await shell(`sh -c 'sleep 300; : ${marker}' & wait`, 300);
    expect(result.status).toBe('timed-out');
    expect(
      (
        await shell(`cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -c '[s]leep 300; : ${marker}'`)
      ).output.trim(),
    ).toBe('0');
  });

  it('tells a missing program and an abort apart', async () => {
    expect(
      await runBounded({
        command: '/nonexistent',
        args: [],
        cwd: '/',
        signal: AbortSignal.timeout(5_000),
        timeoutMs: 5_000,
      }),
    ).toMatchObject({ status: 'not-found' });
    expect(await shell('sleep 60', 10_000, AbortSignal.timeout(200))).toMatchObject({ status: 'aborted' });
    expect(await shell('true', 10_000, AbortSignal.abort())).toMatchObject({ status: 'aborted' });
  });
});
