export { AileronError, type AileronErrorOptions, type ErrorDetails, type FieldError } from './aileron-error.js';
export { assertNever } from './assert-never.js';
export type { Actor, ErrorDefinition, GrpcCode } from './error-definition.js';
export { ERROR_TABLE, type ErrorCode } from './error-table.js';
