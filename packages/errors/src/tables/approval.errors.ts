import type { ErrorDefinitions } from '../error-definition.js';

/** Decisions of a person. */
export const APPROVAL_ERRORS = {
  APPROVAL_PENDING: {
    grpc: 'FAILED_PRECONDITION',
    http: 428,
    exit: 75,
    actor: 'user',
    message: 'A person has to approve this first.',
    action: 'Repeat the same request after Retry-After; it finds its approval.',
  },
  APPROVAL_DENIED: {
    grpc: 'PERMISSION_DENIED',
    http: 403,
    exit: 77,
    actor: 'user',
    message: 'A person refused this.',
    action: 'Read the reason and do something else.',
  },
  APPROVAL_EXPIRED: {
    grpc: 'PERMISSION_DENIED',
    http: 403,
    exit: 77,
    actor: 'user',
    message: 'Nobody decided in time, or the approval ran out.',
    action: 'Ask again.',
  },
  APPROVAL_INVALID: {
    grpc: 'PERMISSION_DENIED',
    http: 403,
    exit: 76,
    actor: 'operator',
    message: 'The approval is not signed by an approver, or is for another request.',
    action: 'Look at who wrote to the approvals.',
  },
  APPROVAL_CONSUMED: {
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    exit: 77,
    actor: 'agent',
    message: 'This approval was used already.',
    action: 'Ask for a new one.',
  },
} as const satisfies ErrorDefinitions;
