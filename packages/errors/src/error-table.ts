import { APPROVAL_ERRORS } from './tables/approval.errors.js';
import { AUDIT_ERRORS } from './tables/audit.errors.js';
import { BUNDLE_ERRORS } from './tables/bundle.errors.js';
import { GENERAL_ERRORS } from './tables/general.errors.js';
import { PROXY_ERRORS } from './tables/proxy.errors.js';
import { START_UP_ERRORS } from './tables/start-up.errors.js';
import { VAULT_ERRORS } from './tables/vault.errors.js';
import { WORKSPACE_ERRORS } from './tables/workspace.errors.js';

/** Every error Aileron answers with, in the order of docs/errors.md, which is generated from it. A code is in one of the tables. */
export const ERROR_TABLE = {
  ...GENERAL_ERRORS,
  ...START_UP_ERRORS,
  ...WORKSPACE_ERRORS,
  ...VAULT_ERRORS,
  ...BUNDLE_ERRORS,
  ...AUDIT_ERRORS,
  ...APPROVAL_ERRORS,
  ...PROXY_ERRORS,
};

/** A code of the table. */
export type ErrorCode = keyof typeof ERROR_TABLE;
