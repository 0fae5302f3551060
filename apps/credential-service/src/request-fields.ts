import { AileronError } from '@aileron/errors';
import { CredentialId, SessionId, TenantId, VaultId } from '@aileron/contracts/rest';
import { z } from 'zod';

const Use = {
  connector: z.string().min(1).max(63),
  operation: z.string().min(1).max(160),
  host: z.string().min(1).max(253),
};
const Session = { tenantId: TenantId, sessionId: SessionId };
const Purpose = z.string().regex(/^[a-z][a-z0-9.-]{0,63}$/, 'must be lower-case letters, digits, dots and hyphens');

/** The bounds of every request. Bytes keep their type: they are checked where they are opened. */
export const SessionFields = z.object(Session);
export const ResolveFields = z.object({ ...Session, ...Use });
export const DecryptFields = z.object({
  ...Session,
  ...Use,
  vaultId: VaultId,
  credentialId: CredentialId,
  credentialVersion: z.int().min(1),
});
export const StateFields = z.object({ ...Session, purpose: Purpose });

/** INVALID_ARGUMENT with the fields, never with their values. */
export function fieldsOf<T>(schema: z.ZodType<T>, request: unknown): T {
  const parsed = schema.safeParse(request);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path, message }) => ({ field: path.map(String).join('.'), message }));
  throw new AileronError('INVALID_ARGUMENT', { fields });
}
