import type { ErrorDefinitions } from '../error-definition.js';

/** The audit log. */
export const AUDIT_ERRORS = {
  AUDIT_CHAIN_BROKEN: {
    grpc: 'DATA_LOSS',
    http: 409,
    exit: 76,
    actor: 'operator',
    message: 'The audit chain does not verify.',
    action: 'Compare the named record with another copy.',
  },
  AUDIT_UNAVAILABLE: {
    grpc: 'UNAVAILABLE',
    http: 503,
    exit: 69,
    actor: 'operator',
    message: 'The audit log cannot be written, so nothing with a credential passes.',
    action: 'Free space or repair the disk.',
  },
} as const satisfies ErrorDefinitions;
