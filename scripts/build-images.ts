// Builds the images of images/ with the Docker engine of DOCKER_HOST.
// pnpm images [--base <image>] [--tag <name>] [--network <mode of the build>] [--context <folder>]
import { chmod, copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { join, parse, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, runCommand } from './run-command.ts';

const PARTS = ['workspace-runtime', 'workspace-terminal'];
const BUILD_MS = 900_000;

const { values } = parseArgs({
  options: {
    base: { type: 'string' },
    tag: { type: 'string', default: 'aileron/workspace:latest' },
    network: { type: 'string' },
    context: { type: 'string', default: join(ROOT, 'data/images/context') },
  },
});

const context = resolve(values.context);
await gather(context);
await build(context);
process.stdout.write(`${values.tag}\n`);

/** The folder that the Dockerfile copies from, and nothing else. */
async function gather(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  const at = (...names: string[]): string => join(folder, 'aileron', ...names);
  for (const name of ['bin', 'inside']) await mkdir(at(name), { recursive: true });
  await run(['node', 'scripts/image.ts', ...PARTS, '--out', at()]);
  const programs = join(ROOT, 'packages/sandbox/dist/inside');
  for (const name of (await readdir(programs)).filter((each) => each.endsWith('.mjs'))) {
    await copyFile(join(programs, name), at('inside', name));
  }
  await copyFile(process.execPath, at('bin/node'));
  for (const script of ['init.sh', 'confine.pl']) {
    await copyFile(join(ROOT, 'images/workspace', script), at(parse(script).name));
  }
  for (const program of ['bin/node', 'init', 'confine']) await chmod(at(program), 0o755);
}

async function build(folder: string): Promise<void> {
  const options = [
    ...(values.base === undefined ? [] : ['--build-arg', `BASE_IMAGE=${values.base}`]),
    ...(values.network === undefined ? [] : ['--network', values.network]),
  ];
  const dockerfile = join(ROOT, 'images/workspace/Dockerfile');
  await run(['docker', 'build', ...options, '--tag', values.tag, '--file', dockerfile, folder]);
}

async function run(command: readonly string[]): Promise<void> {
  const { code, output } = await runCommand(command, { deadlineMs: BUILD_MS });
  if (code === 0) return;
  process.stderr.write(output);
  process.exit(1);
}
