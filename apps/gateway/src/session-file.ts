import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { AileronError } from '@aileron/errors';
import type { Logger } from '@aileron/telemetry';
import { z } from 'zod';

/** Until when (milliseconds since 1970) each session is good, by the digest of its id. */
export type StoredSessions = ReadonlyMap<string, number>;

/** Where sessions of browsers outlive the process. */
export interface SessionStore {
  /** What was written last; nothing when that cannot be read. */
  read(): StoredSessions;
  /** @throws AileronError HOME_UNWRITABLE */
  write(sessions: StoredSessions): void;
}

const LARGEST_BYTES = 1 << 20;
const Stored = z.strictObject({
  version: z.literal(1),
  sessions: z
    .array(z.strictObject({ sha256: z.string().regex(/^[\w-]{43}$/), expiresAt: z.iso.datetime() }))
    .max(4_096),
});

/** One JSON file of digests, readable by its owner alone. A broken one lets nobody in. */
export class SessionFile implements SessionStore {
  constructor(
    private readonly path: string,
    private readonly logger: Logger,
  ) {}

  read(): StoredSessions {
    try {
      const text = readFileSync(this.path, 'utf8');
      if (text.length > LARGEST_BYTES) throw new RangeError('the file of the sessions is too large');
      const { sessions } = Stored.parse(JSON.parse(text));
      return new Map(sessions.map(({ sha256, expiresAt }) => [sha256, Date.parse(expiresAt)]));
    } catch (err) {
      if (!isAbsent(err)) this.logger.warn({ err, file: this.path }, 'gateway.sessions-unreadable');
      return new Map();
    }
  }

  /** Readers see the old content or the new, never a part. */
  write(sessions: StoredSessions): void {
    const stored = [...sessions].map(([sha256, at]) => ({ sha256, expiresAt: new Date(at).toISOString() }));
    const temporary = `${this.path}.${randomBytes(6).toString('hex')}`;
    try {
      writeWhole(temporary, JSON.stringify({ version: 1, sessions: stored }));
      renameSync(temporary, this.path);
    } catch (cause) {
      rmSync(temporary, { force: true });
      throw new AileronError('HOME_UNWRITABLE', { file: this.path }, { cause });
    }
  }
}

function writeWhole(path: string, content: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

const isAbsent = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT';
