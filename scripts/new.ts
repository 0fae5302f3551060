// `pnpm new slice <app> <name>`: a slice of a service that compiles, is tested, and refuses until it is told otherwise.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sliceFiles, sliceNames } from './new/slice.ts';
import { ROOT, runCommand } from './run-command.ts';

const [kind, app = '', name = ''] = process.argv.slice(2);
const source = join(ROOT, 'apps', app, 'src');
if (kind !== 'slice' || app === '' || name === '') fail('usage: pnpm new slice <app> <name>');
if (!/^[a-z][a-z0-9-]*$/.test(app) || !existsSync(join(source, 'service.ts')))
  fail(`apps/${app} has no src/service.ts`);

if (existsSync(join(source, 'pipeline.ts')))
  fail(`apps/${app} is a pipeline: a step is a file in the folder of its stage, named in src/pipeline.ts`);

const names = sliceNames(name);
if (existsSync(join(source, names.file))) fail(`apps/${app}/src/${names.file} is there already`);
// REST needs to know whom a call acts for; a service without that is called by other services only.
const transport = existsSync(join(source, 'identity/identity.service.ts')) ? 'http' : 'grpc';
const files = sliceFiles(names, transport).map(({ path, text }) => ({ path: join(source, path), text }));
for (const { path, text } of files) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { flag: 'wx' });
}
await runCommand(['prettier', '--write', '--log-level', 'warn', ...files.map(({ path }) => path)]);
for (const { path } of files) console.log(path.slice(ROOT.length + 1));
console.log(
  `Next: add ${names.type}Module to the module of apps/${app}, its table to packages/database, its contract to packages/contracts.`,
);

function fail(message: string): never {
  console.error(message);
  process.exit(64);
}
