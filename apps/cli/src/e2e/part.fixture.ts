// One part by its own main.js, as an orchestrator starts it.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ReadyLine } from '@aileron/service-host';
import { generateSigningKey } from '@aileron/vault';
import { ensureCertificates, type PartName } from '../certs/part-certificates.js';

export const mainOf = (part: PartName): string =>
  fileURLToPath(new URL('main.js', import.meta.resolve(`@aileron/${part}/service`)));

/** A folder with a CA and the parts' certificates. */
export async function certificates(tenantId = 'ten_local'): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'aileron-certs-'));
  await ensureCertificates({ directory, tenantId, hosts: [], now: new Date() });
  return directory;
}

export async function credentialServiceConfig(): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), 'aileron-part-')), 'config.json');
  const { stored } = await generateSigningKey();
  writeFileSync(file, JSON.stringify({ serviceSigningKey: stored, deviceKeys: [] }), { mode: 0o600 });
  return file;
}

interface Refusal {
  readonly ready: false;
  readonly error: { readonly code: string; readonly details: Readonly<Record<string, unknown>> };
}

/** What it said first, and how to end it. */
export class PartUnderTest {
  private constructor(
    private readonly child: ChildProcess,
    readonly line: ReadyLine | Refusal,
  ) {}

  static async start(
    part: PartName,
    environment: Readonly<Record<string, string>>,
    args: readonly string[] = [],
  ): Promise<PartUnderTest> {
    const child = spawn(process.execPath, [mainOf(part), ...args], {
      env: { PATH: process.env['PATH'], AILERON_LOG_LEVEL: 'silent', ...environment },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface({ input: child.stdout }), 'line', {
      signal: AbortSignal.timeout(30_000),
    })) as [string];
    return new PartUnderTest(child, JSON.parse(line) as ReadyLine);
  }

  get ready(): ReadyLine {
    if (!this.line.ready) throw new Error(`it refused: ${JSON.stringify(this.line)}`);
    return this.line;
  }

  /** Closes its standard input: its parent is gone. */
  orphan(): void {
    this.child.stdin?.end();
  }

  /** Resolves with its exit code. */
  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null)
      await once(this.child, 'exit', { signal: AbortSignal.timeout(15_000) });
    return this.child.exitCode;
  }

  async stop(): Promise<number | null> {
    this.child.kill('SIGTERM');
    return this.ended();
  }
}
