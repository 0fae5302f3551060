// `prisma generate` without a download: the generator needs no schema engine, but the CLI insists on a path to one.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
/** How the client loads its query compiler, and how we have it loaded: src/query-compiler.ts says why. */
const IMPORTED =
  /const \{ wasm \} = await import\("@prisma\/client\/runtime\/query_compiler_fast_bg\.postgresql\.wasm-base64\.mjs"\)\s+return await decodeBase64AsWasm\(wasm\)/;
const READ = `const { queryCompiler } = await import("../../../query-compiler.js")
    return await queryCompiler()`;
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
  const file = join(root, 'src/generated', owner, 'internal/class.ts');
  const client = readFileSync(file, 'utf8');
  if (!IMPORTED.test(client)) throw new Error(`${file} loads its query compiler in a way that is not known here`);
  writeFileSync(file, client.replace(IMPORTED, READ));
}
