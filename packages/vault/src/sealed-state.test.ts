import { describe, expect, it } from '@jest/globals';
import { Secret } from './secret.js';
import { MAX_STATE_BYTES, sealState, unsealState } from './sealed-state.js';
import { randomBytes } from './web-crypto.js';

const place = { tenantId: 'ten_local', sessionId: 'ses_1', purpose: 'session-ca' };
const newKey = () => Secret.fromBytes(randomBytes(32));

describe('sealed state', () => {
  it('opens with any of the lease’s keys, at its own place', async () => {
    const [vaultKey, plaintext] = [newKey(), randomBytes(MAX_STATE_BYTES)];
    const sealed = await sealState({ vaultKey, place, plaintext });
    expect(await unsealState({ vaultKeys: [newKey(), vaultKey.copy()], place, sealed })).toEqual(plaintext);
    for (const change of [{ tenantId: 'ten_x' }, { sessionId: 'ses_2' }, { purpose: 'approval' }]) {
      const elsewhere = unsealState({ vaultKeys: [vaultKey], place: { ...place, ...change }, sealed });
      await expect(elsewhere).rejects.toMatchObject({ code: 'STATE_TAMPERED' });
    }
  });

  it('does not open when changed, cut or without a key', async () => {
    const vaultKey = newKey();
    const sealed = await sealState({ vaultKey, place, plaintext: randomBytes(10) });
    const flipped = sealed.map((byte, i) => (i === sealed.length - 1 ? byte ^ 1 : byte));
    for (const bad of [flipped, sealed.slice(0, -1), new Uint8Array()]) {
      await expect(unsealState({ vaultKeys: [vaultKey], place, sealed: bad })).rejects.toMatchObject({
        code: 'STATE_TAMPERED',
      });
    }
    await expect(unsealState({ vaultKeys: [], place, sealed })).rejects.toMatchObject({ code: 'STATE_TAMPERED' });
  });

  it('has a bound', async () => {
    const sealing = sealState({ vaultKey: newKey(), place, plaintext: new Uint8Array(MAX_STATE_BYTES + 1) });
    await expect(sealing).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
  });
});
