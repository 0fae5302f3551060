// A short part of `pnpm drill:workspaces`, seeded, as a person runs it.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hasRedis } from '@aileron/testing';
import { hasDocker } from '@aileron/testing/docker';
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

async function heldPromises(...args: readonly string[]): Promise<Report['rows'][number] | undefined> {
  const { code, stdout, stderr } = await drill(...args);
  if (stdout === '') throw new Error(stderr);
  const report = JSON.parse(stdout) as Report;
  expect(report.broken).toEqual([]);
  expect(code).toBe(0);
  return report.rows[0];
}

const everything = process.env['AILERON_REQUIRE_ALL'] !== undefined;
const itLocal = everything || existsSync('/usr/bin/bwrap') ? it : it.skip;
const hasEngines = (await hasDocker()) && (await hasRedis());
const itDocker = everything || hasEngines ? it : it.skip;

describe('the drill of workspaces', () => {
  itLocal(
    'finds every promise kept when managers, runtimes and the database are killed',
    async () => {
      const some = ['--provisioner', 'local', '--queue', 'postgres', '--operations', '60', '--workspaces', '6'];
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
      expect(row?.operations).toBeGreaterThanOrEqual(60);
      expect(row?.accepted).toBeGreaterThan(10);
      expect(Object.keys(row?.kills ?? {}).toSorted()).toEqual(['database', 'manager', 'runtime']);
    },
    LONGEST_MS + 20_000,
  );

  itDocker(
    'finds every promise kept when containers, their engine and Redis are killed',
    async () => {
      const some = ['--provisioner', 'docker', '--queue', 'redis', '--operations', '12', '--workspaces', '3'];
      const row = await heldPromises(...some, '--faults', 'container,engine,redis', '--fault-every', '4');
      expect(row?.operations).toBeGreaterThanOrEqual(12);
      expect(Object.keys(row?.kills ?? {}).toSorted()).toEqual(['container', 'engine', 'redis']);
    },
    LONGEST_MS + 20_000,
  );
});
