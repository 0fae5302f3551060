export {
  AuditId,
  AuditRecord,
  MAX_LINE_BYTES,
  type AuditInput,
  type AuditKind,
  type AuditRecordOf,
} from './audit-record.js';
export { AuditChain, GENESIS_HASH, type AuditPlace, type ChainedLine, type Sha256 } from './audit-chain.js';
export {
  AUDIT_CHECKPOINT_TYPE,
  AuditCheckpoint,
  CHECKPOINT_EVERY_RECORDS,
  makeCheckpoint,
  readCheckpoint,
} from './audit-checkpoint.js';
export { verifyLines, MAX_UNSIGNED_RECORDS, type AuditVerification, type VerifyOptions } from './verify-lines.js';
export { type AuditFault, type AuditFaultReason } from './audit-fault.js';
export { linesOf } from './audit-line.js';
export { auditId } from './audit-id.js';
export { redactArguments, REDACTED } from './redact-arguments.js';
export { summarise, type AuditSummary } from './audit-summary.js';
export { buildTimeline, type TimelineEntry, type TimelineKind } from './timeline.js';
