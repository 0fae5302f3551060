import { type NewRecord } from './audit-log.js';

/** A record of one kind, as its writer gives it. */
export type RecordOf<K extends NewRecord['kind']> = Extract<NewRecord, { kind: K }>;

/** How a call ended. */
export type OutcomeFacts = RecordOf<'outcome'>['outcome'];
