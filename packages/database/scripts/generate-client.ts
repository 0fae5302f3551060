// `prisma generate` without a download: the generator needs no schema engine, but the CLI insists on a path to one.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
for (const owner of ['mgmt', 'workspace']) {
  execFileSync(
    join(root, 'node_modules/.bin/prisma'),
    ['generate', '--schema', join(root, 'prisma', owner, 'schema.prisma')],
    {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        CHECKPOINT_DISABLE: '1',
      },
    },
  );
}
