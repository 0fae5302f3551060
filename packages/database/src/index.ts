export { isDatabaseUnavailable, isUniqueViolation, toDatabaseError } from './database-error.js';
export { isDatabaseReachable } from './database-health.js';
export { EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded/embedded-postgres.js';
export type { EventLog } from './event-log.js';
export { createDatabase, type HomeDatabase, startHomeDatabase } from './home-database.js';
export { migrate, type MigrateOptions } from './migrate.js';
export { migrationChecksum } from './migration-files.js';
export { createOwnerRole, type CreateOwnerRoleOptions } from './owner-role.js';
export { type DatabaseOwner, MGMT_OWNER } from './owner.js';
