import { hash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linesOf, verifyLines } from '@aileron/audit';
import { generateSigningKey, type SigningKey, type VerifyingKey } from '@aileron/vault';
import type { MicroFigure } from './micro-figure.js';
import { timeEach } from './time-each.js';

/** The proxy's log, of the built program: an app has no door for it, and what is measured is what ships. */
const LOG_MODULE = new URL('../../../apps/proxy/dist/record/open-audit-log.js', import.meta.url).href;

interface AuditLog {
  readonly directory: string;
  append(record: object, options: { readonly durable: boolean }): Promise<unknown>;
  checkpoint(): Promise<void>;
  readonly unsignedRecords: number;
  close(): Promise<void>;
}

/** As `aileron audit verify` has it. */
const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer');

async function openLog(root: string, signingKey: SigningKey): Promise<AuditLog> {
  const { openAuditLog } = (await import(LOG_MODULE)) as { openAuditLog: (input: object) => Promise<AuditLog> };
  return openAuditLog({
    root,
    tenantId: 'ten_local',
    signingKey,
    clock: { now: () => Date.now() },
    random: (length: number) => randomBytes(length),
    maxFileBytes: 1 << 30,
    warn: () => undefined,
  });
}

const intent = (n: number): object => ({
  kind: 'intent',
  id: `aud_${String(n).padStart(22, '0')}`,
  sessionId: 'ses_bench',
  user: { id: 'usr_local', name: 'Ada' },
  agent: 'claude',
  connector: 'linear',
  operation: 'linear.viewer',
  request: { method: 'POST', host: 'api.linear.app', path: '/graphql' },
  arguments: {},
  digest: 'A'.repeat(43),
  policy: { version: 1, verdict: 'allow', rule: null },
  approval: null,
  credential: 'crd_bench',
});

/** Records appended as the proxy appends them, and the log verified as an auditor verifies it. */
export async function measureAudit(count: number): Promise<MicroFigure[]> {
  const root = mkdtempSync(join(tmpdir(), 'bench-audit-'));
  try {
    const { signing, verifying } = await generateSigningKey();
    const log = await openLog(root, signing);
    let signs: Promise<void> | null = null;
    const append = async (n: number, durable: boolean): Promise<void> => {
      await log.append(intent(n), { durable });
      if (log.unsignedRecords < 1_000) return;
      signs ??= log.checkpoint().finally(() => {
        signs = null;
      });
      await signs;
    };
    const few = Math.ceil(count / 10);
    const figures = [
      await timeEach({ name: 'append to the audit, durable', count: few }, (n) => append(n, true)),
      await timeEach({ name: 'append to the audit, durable, 256 at once', count, atOnce: 256 }, (n) => append(n, true)),
      await timeEach({ name: 'append to the audit, not synced, 256 at once', count, atOnce: 256 }, (n) =>
        append(n, false),
      ),
    ];
    await log.close();
    return [...figures, await measureVerify(log.directory, verifying)];
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

async function measureVerify(directory: string, key: VerifyingKey): Promise<MicroFigure> {
  const bytes = Buffer.concat(
    readdirSync(directory)
      .toSorted()
      .map((name) => readFileSync(join(directory, name))),
  );
  const startedAt = performance.now();
  const result = await verifyLines(linesOf([bytes]), { keys: [key], sha256 });
  const seconds = (performance.now() - startedAt) / 1_000;
  if (!result.ok) throw new Error(`the log of the bench does not verify: ${JSON.stringify(result.error)}`);
  const each = (seconds * 1e6) / result.records;
  return {
    name: 'verify a record of the audit',
    count: result.records,
    p50: each,
    p99: Number.NaN,
    perSecond: 1e6 / each,
  };
}
