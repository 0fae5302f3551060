import type { ErrorDefinitions } from '../error-definition.js';

/** What keeps a workspace from being made or started. */
export const WORKSPACE_ERRORS = {
  PROVISIONER_UNAVAILABLE: {
    grpc: 'FAILED_PRECONDITION',
    http: 422,
    exit: 69,
    actor: 'user',
    message: 'The provisioner cannot be used here.',
    action: 'Install what is named as missing, or choose a provisioner that is available.',
  },
  VOLUME_MISSING: {
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    exit: 69,
    actor: 'operator',
    message: 'The volume of the workspace is gone.',
    action: 'Restore it from a backup, or delete the workspace.',
  },
  IMAGE_UNAVAILABLE: {
    grpc: 'FAILED_PRECONDITION',
    http: 422,
    exit: 69,
    actor: 'user',
    message: 'The image of the workspace cannot be had.',
    action: 'Check its name and the registry, or build it.',
  },
  LAUNCH_FAILED: {
    grpc: 'UNAVAILABLE',
    http: 503,
    exit: 69,
    actor: 'operator',
    message: 'The workspace could not be started.',
    action: 'Read the log of its steps, then start it again.',
  },
} as const satisfies ErrorDefinitions;
