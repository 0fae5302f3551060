import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AileronError } from '@aileron/errors';
import { AuditLog, type AuditLogOptions } from './audit-log.js';
import { type OpenIntent, scanLog } from './log-scan.js';

const STREAM = /^aus_[0-9a-z]{9}[0-9a-z]{16}$/;

export type OpenAuditLogInput = Omit<AuditLogOptions, 'directory' | 'stream'> & {
  /** Holds one folder for each stream. */
  readonly root: string;
  readonly warn: (event: string, detail: Record<string, unknown>) => void;
};

/**
 * The proxy's stream: the newest one of the folder, else a new one. A stream that does not follow itself any more stays
 * as it is, for whoever looks into it, and a new one begins with a record that says so: traffic goes on, on record.
 * What a crash left open is closed with `recovered` records. AUDIT_UNAVAILABLE when the folder cannot be used.
 */
export async function openAuditLog(input: OpenAuditLogInput): Promise<AuditLog> {
  const { root, warn, ...options } = input;
  try {
    await mkdir(root, { recursive: true, mode: 0o700 });
    const streams = (await readdir(root)).filter((name) => STREAM.test(name)).toSorted();
    const newest = streams.at(-1);
    if (newest === undefined) return await begin(input);
    const directory = join(root, newest);
    const scan = await scanLog(directory);
    if (scan.brokenAtSeq === null) {
      const log = await AuditLog.open({ ...options, directory, stream: newest }, scan);
      await recoverIntents(log, scan.openIntents.values());
      return log;
    }
    warn('audit.chain-broken', { stream: newest, seq: scan.brokenAtSeq });
    const log = await begin(input);
    const detail = { stream: newest, seq: scan.brokenAtSeq };
    await log.append({ kind: 'system', event: 'log.chain-broken', detail }, { durable: true });
    return log;
  } catch (cause) {
    throw AileronError.is(cause) ? cause : new AileronError('AUDIT_UNAVAILABLE', { directory: root }, { cause });
  }
}

/** The name begins with the time, so that the newest is last, and ends with chance, so that no two are ever one. */
async function begin({ root, warn: _, ...options }: OpenAuditLogInput): Promise<AuditLog> {
  const time = options.clock.now().toString(36).padStart(9, '0').slice(-9);
  const chance = Array.from(options.random(16), (byte) => (byte % 36).toString(36)).join('');
  const stream = `aus_${time}${chance}`;
  const directory = join(root, stream);
  await mkdir(directory, { mode: 0o700 });
  return await AuditLog.open({ ...options, directory, stream }, await scanLog(directory));
}

/** Whether the upstream acted on these is not known, and nobody repeats them. */
async function recoverIntents(log: AuditLog, intents: Iterable<OpenIntent>): Promise<void> {
  for (const { id, record } of intents) {
    await log.append(
      {
        kind: 'recovered',
        intentId: id,
        connector: String(record['connector']),
        operation: String(record['operation']),
        ...whoOf(record),
        outcome: { state: 'unknown', status: null, bytesIn: 0, bytesOut: 0, latencyMs: 0 },
      },
      { durable: true },
    );
  }
}

function whoOf(record: Readonly<Record<string, unknown>>): Record<string, never> {
  const names = ['sessionId', 'user', 'agent', 'workspace', 'project'];
  return Object.fromEntries(names.flatMap((name) => (name in record ? [[name, record[name]]] : []))) as Record<
    string,
    never
  >;
}
