import type { ErrorDefinitions } from '../error-definition.js';

/** What is published to the proxies: policies, connectors and their signatures. */
export const BUNDLE_ERRORS = {
  SIGNATURE_INVALID: {
    grpc: 'PERMISSION_DENIED',
    http: 403,
    exit: 76,
    actor: 'operator',
    message: 'The signature is not one of a trusted key.',
    action: 'Sign it with a registered key.',
  },
  BUNDLE_REFUSED: {
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    exit: 76,
    actor: 'administrator',
    message: 'The bundle is invalid, unsigned or older than the present one.',
    action: 'Publish a valid, newer, signed bundle; the present one stays.',
  },
  ROLLBACK_STATE_BROKEN: {
    grpc: 'DATA_LOSS',
    http: 500,
    exit: 78,
    actor: 'operator',
    message: 'The record of the bundles accepted so far cannot be read, so an older policy could come back.',
    action: 'Restore the named file; remove it only when the published bundles are known to be the newest.',
  },
  POLICY_INVALID: {
    grpc: 'INVALID_ARGUMENT',
    http: 400,
    exit: 65,
    actor: 'administrator',
    message: 'The policy is not valid.',
    action: 'Correct the named policy.',
  },
  CONNECTOR_INVALID: {
    grpc: 'INVALID_ARGUMENT',
    http: 400,
    exit: 65,
    actor: 'administrator',
    message: 'The connector is not valid.',
    action: 'Correct the named place in its specification or overlay.',
  },
} as const satisfies ErrorDefinitions;
