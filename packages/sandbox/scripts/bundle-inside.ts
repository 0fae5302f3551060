/**
 * Bundles each program of the sandbox into one self-contained file, dist/inside/<name>.mjs, and the one that leads into it,
 * dist/enter/enter.mjs.
 */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

const options = {
  absWorkingDir: root,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  legalComments: 'none',
  logLevel: 'warning',
} as const;

await build({ ...options, entryPoints: { enter: 'src/enter/enter.ts' }, outdir: 'dist/enter' });
await build({
  ...options,
  entryPoints: {
    init: 'src/inside/init.ts',
    forward: 'src/inside/forward.ts',
    'self-test': 'src/inside/self-test.ts',
    shim: 'src/inside/shim/shim.ts',
    aileron: 'src/inside/aileron.ts',
  },
  outdir: 'dist/inside',
});
