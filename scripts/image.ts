// Makes the folder of an app's image: its build and its production dependencies, nothing else.
// pnpm image <app>… [--out <folder>]
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, runCommand } from './run-command.ts';

const { values, positionals } = parseArgs({
  options: { out: { type: 'string', default: join(ROOT, 'data/images') } },
  allowPositionals: true,
});

if (positionals.length === 0) fail('name the apps: pnpm image proxy credential-service mgmt-plane');
for (const app of positionals) {
  const source = join(ROOT, 'apps', app);
  if (!/^[a-z-]+$/.test(app) || !existsSync(join(source, 'package.json'))) fail(`apps/${app} is no app`);
  if (!existsSync(join(source, 'dist/main.js'))) fail(`apps/${app} is not built: pnpm build`);
  const folder = join(resolve(values.out), app);
  await rm(folder, { recursive: true, force: true });
  const command = ['pnpm', '--filter', `@aileron/${app}`, 'deploy', '--prod', folder];
  const { code, output } = await runCommand(command, { deadlineMs: 300_000 });
  if (code !== 0) fail(output);
  process.stdout.write(`${folder}\n`);
}

function fail(reason: string): never {
  process.stderr.write(`image: ${reason}\n`);
  process.exit(1);
}
