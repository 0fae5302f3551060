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
const ResolveFields = z.object({ ...Session, ...Use });
const DecryptFields = z.object({
  ...Session,
  ...Use,
  vaultId: VaultId,
  credentialId: CredentialId,
  credentialVersion: z.int().min(1),
});
export const StateFields = z.object({ ...Session, purpose: Purpose });

type Fields = { readonly [name in keyof z.infer<typeof DecryptFields>]: unknown };
type ResolveFields = z.infer<typeof ResolveFields>;
type DecryptFields = z.infer<typeof DecryptFields>;

/**
 * Two of these for every request: what is plainly within the bounds is looked at by hand. What is not, the schema judges.
 * INVALID_ARGUMENT.
 */
export const resolveFields = (
  request: Omit<Fields, 'vaultId' | 'credentialId' | 'credentialVersion'>,
): ResolveFields => (isPlainUse(request) ? (request as ResolveFields) : fieldsOf(ResolveFields, request));

export function decryptFields(request: Fields): DecryptFields {
  const { vaultId, credentialId, credentialVersion } = request;
  const plain = isId(vaultId, 'vlt_') && isId(credentialId, 'crd_') && isVersion(credentialVersion);
  return plain && isPlainUse(request) ? (request as DecryptFields) : fieldsOf(DecryptFields, request);
}

const isPlainUse = ({
  tenantId,
  sessionId,
  connector,
  operation,
  host,
}: Omit<Fields, 'vaultId' | 'credentialId' | 'credentialVersion'>): boolean =>
  isId(tenantId, 'ten_') &&
  isId(sessionId, 'ses_') &&
  isText(connector, 63) &&
  isText(operation, 160) &&
  isText(host, 253);

const AFTER_PREFIX = /^[a-z]{3}_[0-9A-Za-z_-]{1,60}$/;
const isId = (value: unknown, prefix: string): boolean =>
  typeof value === 'string' && value.startsWith(prefix) && AFTER_PREFIX.test(value);
const isText = (value: unknown, longest: number): boolean =>
  typeof value === 'string' && value.length >= 1 && value.length <= longest;
const isVersion = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 1;

/** INVALID_ARGUMENT with the fields, never with their values. */
export function fieldsOf<T>(schema: z.ZodType<T>, request: unknown): T {
  const parsed = schema.safeParse(request);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path, message }) => ({ field: path.map(String).join('.'), message }));
  throw new AileronError('INVALID_ARGUMENT', { fields });
}
