// A short part of `pnpm drill:workspaces`, seeded, as a person runs it: local and on Postgres. The rest is the command's.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const SCRIPT = join(import.meta.dirname, 'drill-workspaces.ts');
/** It takes about a minute; a machine that others use is given all the time it needs. */
const LONGEST_MS = 900_000;
const PATIENT = ['--grace', '60', '--orphans-within', '180'];

interface Report {
  readonly rows: readonly {
    readonly operations: number;
    readonly accepted: number;
    readonly kills: Readonly<Record<string, number>>;
  }[];
  readonly broken: readonly string[];
}

function drill(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const options = { timeout: LONGEST_MS, maxBuffer: 64 << 20 };
    execFile(process.execPath, [SCRIPT, '--json', ...PATIENT, ...args], options, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    );
  });
}

const everything = process.env['AILERON_REQUIRE_ALL'] !== undefined;
const itLocal = everything || existsSync('/usr/bin/bwrap') ? it : it.skip;

describe('the drill of workspaces', () => {
  itLocal(
    'finds every promise kept when managers, runtimes and the database are killed',
    async () => {
      const some = ['--provisioner', 'local', '--queue', 'postgres', '--operations', '24', '--workspaces', '4'];
      const { code, stdout, stderr } = await drill(
        ...some,
        '--faults',
        'manager,runtime,database',
        '--fault-every',
        '4',
      );
      if (stdout === '') throw new Error(stderr);
      const report = JSON.parse(stdout) as Report;
      expect(report.broken).toEqual([]);
      expect(code).toBe(0);
      const [row] = report.rows;
      expect(row?.operations).toBeGreaterThanOrEqual(24);
      expect(row?.accepted).toBeGreaterThan(5);
      expect(Object.keys(row?.kills ?? {}).toSorted()).toEqual(['database', 'manager', 'runtime']);
    },
    LONGEST_MS + 20_000,
  );
});
