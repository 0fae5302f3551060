/** Bundles each program of the sandbox into one self-contained file: dist/inside/<name>.mjs. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

await build({
  absWorkingDir: root,
  entryPoints: {
    init: 'src/inside/init.ts',
    'self-test': 'src/inside/self-test.ts',
    shim: 'src/inside/shim/shim.ts',
    aileron: 'src/inside/aileron.ts',
  },
  outdir: 'dist/inside',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  legalComments: 'none',
  logLevel: 'warning',
});
