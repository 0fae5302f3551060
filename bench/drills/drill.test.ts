// The short drill of the whole in one process, as `pnpm drill` runs it.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

/** How soon reads come back is for a machine that nobody else uses: `pnpm drill`. */
const ARGS = ['--short', '--seconds', '4', '--topology', 'one', '--recover-within', '60', '--json'];

interface Report {
  readonly rows: readonly { readonly target: string; readonly sent: number }[];
  readonly broken: readonly string[];
}

function drill(): Promise<{ code: number; stdout: string; stderr: string }> {
  const script = join(import.meta.dirname, 'drill.ts');
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...ARGS], { timeout: 170_000 }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    );
  });
}

describe('the failure drill', () => {
  it('finds every promise kept when the service and its Postgres are killed under load', async () => {
    const { code, stdout, stderr } = await drill();
    if (stdout === '') throw new Error(stderr);
    const report = JSON.parse(stdout) as Report;
    expect(report.broken).toEqual([]);
    expect(code).toBe(0);
    expect(report.rows.map(({ target }) => target)).toEqual(['service', 'postgres']);
    for (const { sent } of report.rows) expect(sent).toBeGreaterThan(100);
  }, 180_000);
});
