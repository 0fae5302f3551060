import { join } from 'node:path';

/** A service that owns a schema: its role can use this schema and no other. */
export interface DatabaseOwner {
  readonly schema: string;
  readonly role: string;
  /** Prisma's folder format: `<timestamp>_<name>/migration.sql`. */
  readonly migrationsDirectory: string;
  /** SQL run after the migrations, each time: what the role may do. */
  readonly grantsFile: string;
}

const prismaFolder = join(import.meta.dirname, '../prisma');

/** The management plane. */
export const MGMT_OWNER: DatabaseOwner = {
  schema: 'mgmt',
  role: 'aileron_mgmt',
  migrationsDirectory: join(prismaFolder, 'mgmt/migrations'),
  grantsFile: join(prismaFolder, 'mgmt/grants.sql'),
};

/** The workspace-manager. */
export const WORKSPACE_OWNER: DatabaseOwner = {
  schema: 'workspace',
  role: 'aileron_workspace',
  migrationsDirectory: join(prismaFolder, 'workspace/migrations'),
  grantsFile: join(prismaFolder, 'workspace/grants.sql'),
};
