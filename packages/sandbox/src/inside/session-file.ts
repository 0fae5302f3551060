import { readFileSync } from 'node:fs';
import { INSIDE } from '../sandbox-plan.js';

/** What the programs in the sandbox know of their session; written by the launcher, read-only here. */
export interface SessionFile {
  readonly sessionId: string;
  readonly token: string;
  readonly proxyPort: number;
}

export function readSessionFile(): SessionFile {
  return JSON.parse(readFileSync(INSIDE.session, 'utf8')) as SessionFile;
}

/** RFC 7617, as the proxy takes it. */
export const proxyAuthorization = (session: SessionFile): string =>
  `Basic ${Buffer.from(`session:${session.token}`).toString('base64')}`;
