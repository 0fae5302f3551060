import { z } from 'zod';

const id = (prefix: string) =>
  z
    .string()
    .max(64)
    .regex(new RegExp(`^${prefix}_[0-9A-Za-z_-]{1,60}$`), `must be an id that starts with ${prefix}_`);

export const TenantId = id('ten').brand<'TenantId'>();
export type TenantId = z.infer<typeof TenantId>;
export const UserId = id('usr').brand<'UserId'>();
export type UserId = z.infer<typeof UserId>;
export const SessionId = id('ses').brand<'SessionId'>();
export type SessionId = z.infer<typeof SessionId>;
export const ApprovalId = id('apr').brand<'ApprovalId'>();
export type ApprovalId = z.infer<typeof ApprovalId>;
export const VaultId = id('vlt').brand<'VaultId'>();
export type VaultId = z.infer<typeof VaultId>;
export const CredentialId = id('crd').brand<'CredentialId'>();
export type CredentialId = z.infer<typeof CredentialId>;

/** The tenant and the user of a home with login off. */
export const LOCAL_TENANT_ID = TenantId.parse('ten_local');
export const LOCAL_USER_ID = UserId.parse('usr_local');
