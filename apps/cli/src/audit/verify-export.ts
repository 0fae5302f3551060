import { hash } from 'node:crypto';
import { verifyLines, type AuditVerification } from '@aileron/audit';
import { AileronError } from '@aileron/errors';
import { importVerifyingKey } from '@aileron/vault';
import type { LocalApi } from '../api/local-api.js';
import { TrustFile } from '../home/home-keys.js';
import type { Home } from '../home/home.js';
import { readJsonFile } from '../home/private-file.js';

/** Verifies one export against the audit keys that this home trusts. */
export async function verifyText(home: Home, text: string): Promise<AuditVerification> {
  const trust = readJsonFile(home.trustFile, TrustFile);
  if (!trust) throw new AileronError('NOT_FOUND', { file: home.trustFile });
  const keys = await Promise.all(trust.auditKeys.map(importVerifyingKey));
  const lines = text.split('\n').filter((line) => line !== '');
  return verifyLines(
    lines.map((line) => new TextEncoder().encode(line)),
    { keys, sha256: (bytes) => hash('sha256', bytes, 'buffer') },
  );
}

/** Every stream that the management plane has, as the proxies wrote them. */
export async function exportStreams(api: LocalApi): Promise<{ stream: string; text: string }[]> {
  const { streams } = await api.auditStreams();
  return Promise.all(
    streams.map(async ({ streamId }) => ({ stream: streamId, text: await api.exportAudit(streamId) })),
  );
}
