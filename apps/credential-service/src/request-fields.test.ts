import { CredentialId, SessionId, TenantId, VaultId } from '@aileron/contracts/rest';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { decryptFields, resolveFields } from './request-fields.js';

const Resolve = z.object({
  tenantId: TenantId,
  sessionId: SessionId,
  connector: z.string().min(1).max(63),
  operation: z.string().min(1).max(160),
  host: z.string().min(1).max(253),
});
const Decrypt = Resolve.extend({ vaultId: VaultId, credentialId: CredentialId, credentialVersion: z.int().min(1) });

const sound = {
  tenantId: 'ten_local',
  sessionId: 'ses_b73RnTdtFJc8OGGeHSIqJW',
  vaultId: 'vlt_a',
  credentialId: `crd_${'Z-_9'.repeat(15)}`,
  credentialVersion: 1,
  connector: 'linear',
  operation: 'linear.viewer',
  host: 'api.linear.app',
};
type Name = keyof typeof sound;

const prefixes = ['ten', 'ses', 'vlt', 'crd'];
const ids = prefixes.flatMap((prefix) => [
  ...['', '_', '_a', '_a\n', '\n_a', '_é', '_a b', '_a\0', `_${'a'.repeat(60)}`, `_${'a'.repeat(61)}`].map(
    (end) => prefix + end,
  ),
  `x${prefix}_a`,
  prefix.toUpperCase() + '_a',
]);
const lengths = [0, 1, 62, 63, 64, 159, 160, 161, 252, 253, 254].map((length) => 'é'.repeat(length));
const values: unknown[] = [...ids, ...lengths, null, undefined, true, {}, [], -1, 0, 1, 1.5, 2 ** 53, Number.NaN, '1'];

const verdict = (read: () => unknown): unknown => {
  try {
    return read();
  } catch {
    return 'refused';
  }
};

describe('the fields of a request', () => {
  it.each(Object.keys(sound) as Name[])('are taken exactly where the contract takes them: %s', (name) => {
    for (const value of values) {
      const asked = { ...sound, [name]: value };
      const [toResolve, toDecrypt] = [Resolve.safeParse(asked), Decrypt.safeParse(asked)];
      const [resolved, decrypted] = [verdict(() => resolveFields(asked)), verdict(() => decryptFields(asked))];
      expect([value, resolved !== 'refused', decrypted !== 'refused']).toEqual([
        value,
        toResolve.success,
        toDecrypt.success,
      ]);
      if (toDecrypt.success) expect(decrypted).toMatchObject(toDecrypt.data);
    }
  });

  it('that are refused are named, without their values', () => {
    const refused = (): unknown => resolveFields({ ...sound, sessionId: 'hidden' });
    const invalid: unknown = expect.objectContaining({ code: 'INVALID_ARGUMENT' });
    expect(refused).toThrow(invalid as Error);
    expect(refused).not.toThrow(/hidden/);
  });
});
