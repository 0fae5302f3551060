// The REST contract of the management plane: Zod schemas, one file a resource.
export * from './rest/approvals.js';
export * from './rest/audit.js';
export * from './rest/ids.js';
export * from './rest/problem.js';
export * from './rest/sessions.js';
export * from './rest/status.js';
export * from './rest/vaults.js';
