export { AileronError, type AileronErrorOptions, type ErrorDetails, type FieldError } from './aileron-error.js';
export { assertNever } from './assert-never.js';
export { ERROR_TABLE, type Actor, type ErrorCode, type ErrorDefinition, type GrpcCode } from './error-table.js';
