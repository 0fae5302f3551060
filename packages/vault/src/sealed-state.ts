import { AileronError } from '@aileron/errors';
import { openBox, sealBox } from './committed-box.js';
import { type Secret } from './secret.js';

/** Whose state this is and what for. State sealed for one does not open for another. */
export interface StatePlace {
  readonly tenantId: string;
  readonly sessionId: string;
  readonly purpose: string;
}

/** 8 KiB: a session CA and a handful of numbers. */
export const MAX_STATE_BYTES = 8_192;

/** Seals a small state so that it can rest on disk, under a key derived from a vault key. PAYLOAD_TOO_LARGE. */
export async function sealState(input: {
  vaultKey: Secret;
  place: StatePlace;
  plaintext: Uint8Array;
}): Promise<Uint8Array> {
  if (input.plaintext.length > MAX_STATE_BYTES)
    throw new AileronError('PAYLOAD_TOO_LARGE', { maxBytes: MAX_STATE_BYTES });
  const { vaultKey: key, plaintext } = input;
  return await sealBox({ key, purpose: 'session-state', context: contextOf(input.place), plaintext });
}

/** Opens it with whichever of the keys sealed it. STATE_TAMPERED when none did, or it was changed. */
export async function unsealState(input: {
  vaultKeys: readonly Secret[];
  place: StatePlace;
  sealed: Uint8Array;
}): Promise<Uint8Array> {
  for (const key of input.vaultKeys) {
    const context = contextOf(input.place);
    const opened = await openBox({ key, purpose: 'session-state', context, box: input.sealed });
    if ('plaintext' in opened) return opened.plaintext;
    if (opened.failure !== 'key') break;
  }
  throw new AileronError('STATE_TAMPERED');
}

const contextOf = ({ tenantId, sessionId, purpose }: StatePlace) => ({ tenantId, sessionId, purpose });
