import { defineConfig } from 'prisma/config';

// Only `prisma generate` reads this: migrations are applied by src/migrate.ts.
export default defineConfig({ schema: 'prisma/mgmt/schema.prisma' });
