import { AileronError } from '@aileron/errors';
import { type Secret } from './secret.js';

const MIN_BYTES = 8;
const MAX_BYTES = 8_192;

/**
 * A value that can stand in a header line and be found again in a response: 8 to 8192 visible ASCII characters, spaces
 * only inside. CR, LF or NUL in it would let its owner write headers of their own. SECRET_UNSUITABLE says which rule.
 * Checked when it is stored and again when it is used.
 */
export function assertSecretSuitable(secret: Secret): void {
  const bytes = secret.expose();
  if (bytes.length < MIN_BYTES) throw unsuitable('too-short');
  if (bytes.length > MAX_BYTES) throw unsuitable('too-long');
  for (const byte of bytes) if (byte < 0x20 || byte > 0x7e) throw unsuitable('not-visible-ascii');
  if (bytes[0] === 0x20 || bytes.at(-1) === 0x20) throw unsuitable('space-at-the-end');
}

const unsuitable = (reason: string) => new AileronError('SECRET_UNSUITABLE', { reason });
