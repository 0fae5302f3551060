import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { AuditRecord } from '@aileron/audit';
import { ListAuditStreamsResponse, SessionView } from '@aileron/contracts/rest';
import { z } from 'zod';
import { eventually } from './drill-clock.ts';
import type { DrillHome } from './drill-home.ts';

const SHIPPED_MS = 30_000;

/** A proxy's stream as the management plane has it. */
export interface Exported {
  readonly streamId: string;
  readonly text: string;
}

export async function exportAudit(home: DrillHome): Promise<readonly Exported[]> {
  const { streams } = await home.call({ method: 'GET', path: '/v1/audit/streams', schema: ListAuditStreamsResponse });
  const exported: Exported[] = [];
  for (const { streamId } of streams) {
    exported.push({ streamId, text: await home.text(`/v1/audit/export?streamId=${encodeURIComponent(streamId)}`) });
  }
  return exported;
}

/** Ends the session, and waits until its whole audit is with the management plane: no intent is without its end. */
export async function completeAudit(home: DrillHome, sessionId: string): Promise<readonly Exported[]> {
  await home.call({ method: 'DELETE', path: `/v1/sessions/${encodeURIComponent(sessionId)}`, schema: SessionView });
  const look = async (): Promise<readonly Exported[] | undefined> => {
    const exported = await exportAudit(home);
    return isComplete(recordsOf(exported)) ? exported : undefined;
  };
  return await eventually('the audit is complete at the management plane', look, SHIPPED_MS);
}

export const recordsOf = (exported: readonly Exported[]): readonly AuditRecord[] =>
  exported.flatMap(({ text }) => linesOf(text).map((line) => AuditRecord.parse(JSON.parse(line))));

function isComplete(records: readonly AuditRecord[]): boolean {
  const settled = new Set(records.flatMap((record) => ('intentId' in record ? [record.intentId] : [])));
  const ended = records.some((record) => record.kind === 'session' && record.event === 'ended');
  return ended && records.every((record) => record.kind !== 'intent' || settled.has(record.id));
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

const Verified = z.object({ ok: z.literal(true) });

/** `aileron audit verify --file`, which asks no service. @returns what is wrong with it */
export async function verifyOffline(home: DrillHome, exported: readonly Exported[]): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const { streamId, text } of exported) {
    const file = home.path(`${streamId}.jsonl`);
    writeFileSync(file, text, { mode: 0o600 });
    const answer = await home.command(['audit', 'verify', '--file', file]).catch((error: unknown) => error);
    if (!Verified.safeParse(answer).success) wrong.push(`${streamId} does not verify: ${String(answer)}`);
  }
  return wrong;
}

/** The proxy's own log begins with exactly what the management plane has. @returns what differs */
export function compareWithLog(home: DrillHome, exported: readonly Exported[]): readonly string[] {
  const own = home.path('home', 'proxy', 'audit');
  const streams = readdirSync(own).filter((name) => name.startsWith('aus_'));
  const shipped = new Map(exported.map(({ streamId, text }) => [streamId, text]));
  return streams.flatMap((streamId) => {
    const files = readdirSync(home.path('home', 'proxy', 'audit', streamId)).filter((name) => name.endsWith('.jsonl'));
    const text = files.toSorted().map((name) => readFileSync(`${own}/${streamId}/${name}`, 'utf8'));
    const has = shipped.get(streamId);
    if (has === undefined) return [`${streamId} never reached the management plane`];
    return text.join('').startsWith(has) ? [] : [`${streamId} differs from the proxy's own log`];
  });
}
