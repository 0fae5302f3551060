import { status, type ServiceError } from '@grpc/grpc-js';
import { AileronError, type ErrorCode } from '@aileron/errors';

const CODES: Readonly<Partial<Record<number, ErrorCode>>> = {
  [status.CANCELLED]: 'CANCELLED',
  [status.INVALID_ARGUMENT]: 'INVALID_ARGUMENT',
  [status.DEADLINE_EXCEEDED]: 'DEADLINE_EXCEEDED',
  [status.NOT_FOUND]: 'NOT_FOUND',
  [status.PERMISSION_DENIED]: 'PERMISSION_DENIED',
  [status.UNAUTHENTICATED]: 'UNAUTHENTICATED',
  [status.RESOURCE_EXHAUSTED]: 'PAYLOAD_TOO_LARGE',
  [status.UNIMPLEMENTED]: 'UNIMPLEMENTED',
  [status.UNAVAILABLE]: 'UNAVAILABLE',
};

/** The error of a call that the service itself did not describe: the transport's. */
export function fromGrpcStatus(error: ServiceError, service: string): AileronError {
  return new AileronError(CODES[error.code] ?? 'INTERNAL', { service }, { cause: error });
}
