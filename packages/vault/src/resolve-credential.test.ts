import { describe, expect, it } from '@jest/globals';
import { type BindingLevel, LEVELS } from './credential-binding.js';
import { resolveCredential } from './resolve-credential.js';
import { type VaultManifest } from './vault-manifest.js';

const use = { connector: 'linear', operation: 'linear.create_issue', host: 'api.linear.app' };

function manifest(
  vaultId: string,
  ...credentials: readonly { name: string; level: BindingLevel; operations?: string[] }[]
) {
  const entries = credentials.map(({ name, level, operations = ['linear.*'] }) => ({
    id: `crd_${name}`,
    name,
    version: 1,
    encSha256: 'x',
    binding: { connector: 'linear', hosts: ['api.linear.app'], operations, placement: 'bearer', level },
  }));
  return { vaultId, credentials: entries } as unknown as VaultManifest;
}

describe('which credential an operation uses', () => {
  it.each(LEVELS.slice(0, -1).map((level, i) => [level, LEVELS[i + 1]] as const))('%s stands above %s', (near, far) => {
    const manifests = [
      manifest('vlt_far', { name: 'far', level: far ?? 'personal' }),
      manifest('vlt_near', { name: 'near', level: near }),
    ];
    expect(resolveCredential({ manifests, use })).toMatchObject({
      vaultId: 'vlt_near',
      credentialId: 'crd_near',
      level: near,
    });
  });

  it('refuses two at one level and names both, over vaults too', () => {
    const manifests = [
      manifest('vlt_a', { name: 'one', level: 'team' }),
      manifest('vlt_b', { name: 'two', level: 'team' }),
    ];
    const refusal = {
      code: 'CREDENTIAL_AMBIGUOUS',
      details: { level: 'team', credentials: ['vlt_a/one', 'vlt_b/two'] },
    };
    expect(() => resolveCredential({ manifests, use })).toThrow(expect.objectContaining(refusal) as unknown as Error);
  });

  it('finds none where none is bound to this operation and host', () => {
    const manifests = [manifest('vlt_a', { name: 'one', level: 'session', operations: ['linear.list_teams'] })];
    const refusal = expect.objectContaining({ code: 'CREDENTIAL_NOT_BOUND' }) as unknown as Error;
    expect(() => resolveCredential({ manifests, use })).toThrow(refusal);
    expect(() => resolveCredential({ manifests: [], use })).toThrow(refusal);
    const other = { ...use, operation: 'linear.list_teams', host: 'evil.example' };
    expect(() => resolveCredential({ manifests, use: other })).toThrow(refusal);
  });
});
