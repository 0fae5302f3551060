import { AileronError } from '@aileron/errors';

/** What the store holds is not what a member left there. `reason` names the check, never a content. */
export function tampered(reason: string, details: { vaultId?: string; path?: string } = {}): AileronError {
  return new AileronError('VAULT_TAMPERED', { reason, ...details });
}
