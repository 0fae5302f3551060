import { z } from 'zod';

/** Where a binding applies. The nearest one wins: session, workspace, project, team, personal. */
export const BindingLevel = z.enum(['session', 'workspace', 'project', 'team', 'personal']);
export type BindingLevel = z.infer<typeof BindingLevel>;

/** Nearest first. */
export const LEVELS: readonly BindingLevel[] = BindingLevel.options;

const Connector = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'must be the name of a connector');
const Host = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/, 'must be a lower-case host name');
const OperationPattern = z
  .string()
  .max(160)
  .regex(/^[a-z][a-z0-9-]*\.(\*|[a-z][a-z0-9_]*)$/, 'must be connector.operation or connector.*');

/**
 * What the owner of a credential allows it to be used for. It stands in the signed manifest: nobody who can only write
 * the store can widen it.
 */
export const CredentialBinding = z
  .strictObject({
    connector: Connector,
    /** Exact names; no wildcard, no port. */
    hosts: z.array(Host).min(1).max(16),
    /** Full names, or `connector.*`. */
    operations: z.array(OperationPattern).min(1).max(256),
    /** The connector's security scheme, for example `bearer`. */
    placement: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be the name of a security scheme'),
    level: BindingLevel,
  })
  .refine((binding) => binding.operations.every((operation) => operation.startsWith(`${binding.connector}.`)), {
    path: ['operations'],
    message: 'must belong to the connector',
  });
export type CredentialBinding = z.infer<typeof CredentialBinding>;

/** One request that wants a credential. `host` is the canonical lower-case name, `operation` the full name. */
export interface CredentialUse {
  readonly connector: string;
  readonly operation: string;
  readonly host: string;
}

/** Exact comparison only: what is not named is not allowed. */
export function bindingAllows(binding: CredentialBinding, use: CredentialUse): boolean {
  if (binding.connector !== use.connector || !use.operation.startsWith(`${binding.connector}.`)) return false;
  if (!binding.hosts.includes(use.host)) return false;
  return binding.operations.includes(use.operation) || binding.operations.includes(`${binding.connector}.*`);
}
