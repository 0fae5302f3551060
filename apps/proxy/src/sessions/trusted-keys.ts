import { importVerifyingKey, type VerifyingKey } from '@aileron/vault';
import { type ProxyConfig } from '../config.js';

/** A person whose signature decides. Comes from the configuration, never from a database. */
export interface Approver {
  readonly userId: string;
  readonly name: string;
  readonly key: VerifyingKey;
}

export interface TrustedKeys {
  /** Sign policy and connector bundles. */
  readonly admins: readonly VerifyingKey[];
  readonly approvers: readonly Approver[];
}

/** SIGNATURE_INVALID for a key that is not its own id: the start fails. */
export async function importTrustedKeys(config: Pick<ProxyConfig, 'adminKeys' | 'deviceKeys'>): Promise<TrustedKeys> {
  return {
    admins: await Promise.all(config.adminKeys.map((stored) => importVerifyingKey(stored))),
    approvers: await Promise.all(
      config.deviceKeys.map(async ({ userId, name, ...stored }) => {
        return { userId, name, key: await importVerifyingKey(stored) };
      }),
    ),
  };
}
