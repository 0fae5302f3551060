// What the tests of the log share: a folder, a key and a way to verify what lies on disk.
import { randomBytes } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AuditVerification, verifyLines } from '@aileron/audit';
import { generateSigningKey } from '@aileron/vault';
import { type AuditLog, type NewRecord } from './audit-log.js';
import { listLogFiles, readLogLines } from './log-files.js';
import { openAuditLog, type OpenAuditLogInput } from './open-audit-log.js';
import { sha256 } from './sha256.js';

const key = await generateSigningKey();
export const TENANT = 'ten_local';

export async function makeLogOptions(change: Partial<OpenAuditLogInput> = {}): Promise<OpenAuditLogInput> {
  return {
    root: join(await mkdtemp(join(tmpdir(), 'aileron-audit-')), 'audit'),
    tenantId: TENANT,
    signingKey: key.signing,
    clock: { now: () => Date.now() },
    random: (length) => randomBytes(length),
    maxFileBytes: 1_000_000,
    warn: () => undefined,
    ...change,
  };
}

export const openLog = (options: OpenAuditLogInput) => openAuditLog(options);

export async function linesOnDisk(log: AuditLog): Promise<Uint8Array[]> {
  const lines: Uint8Array[] = [];
  for (const { path } of await listLogFiles(log.directory)) {
    for await (const { line } of readLogLines(path)) lines.push(Uint8Array.from(line));
  }
  return lines;
}

export async function verifyOnDisk(log: AuditLog): Promise<AuditVerification> {
  return await verifyLines(await linesOnDisk(log), { keys: [key.verifying], sha256 });
}

export async function recordsOnDisk(log: AuditLog): Promise<Record<string, unknown>[]> {
  const decode = (line: Uint8Array) => JSON.parse(new TextDecoder().decode(line)) as Record<string, unknown>;
  return (await linesOnDisk(log)).map(decode);
}

const who = { sessionId: 'ses_1', user: { id: 'usr_1', name: 'Ada' }, agent: 'fake' };
const what = { connector: 'linear', operation: 'linear.create_issue' };

export const intent = (id: string): NewRecord => ({
  kind: 'intent',
  id,
  ...who,
  ...what,
  request: { method: 'POST', host: 'api.linear.app', path: '/graphql' },
  arguments: { title: 'x' },
  digest: 'A'.repeat(43),
  policy: { version: 1, verdict: 'allow', rule: null },
  approval: null,
});

export const outcome = (intentId: string): NewRecord => ({
  kind: 'outcome',
  ...who,
  ...what,
  intentId,
  outcome: { state: 'ok', status: 200, bytesIn: 1, bytesOut: 1, latencyMs: 1 },
});

export const event = (name: string): NewRecord => ({ kind: 'system', event: name });
