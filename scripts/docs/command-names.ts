import { ROOT, runCommand } from '../run-command.ts';

const PROGRAM = `${ROOT}/apps/cli/dist/main.js`;

/** Commands and sub-commands as the built command line itself lists them: `approval`, `approval list`. */
export async function commandNames(): Promise<Set<string>> {
  const top = await namesUnder([]);
  if (top.length === 0) throw new Error('the command line lists no command');
  const nested = await Promise.all(
    top.map(async (name) => (await namesUnder([name])).map((child) => `${name} ${child}`)),
  );
  return new Set([...top, ...nested.flat()]);
}

async function namesUnder(path: readonly string[]): Promise<string[]> {
  const { code, output } = await runCommand([process.execPath, PROGRAM, ...path, '--help'], { deadlineMs: 90_000 });
  if (code !== 0) throw new Error(`aileron ${path.join(' ')} --help failed:\n${output}`);
  const listed = output.split(/^Commands:$/m)[1]?.split(/^\S/m)[0] ?? '';
  const names = listed.matchAll(/^ {2}([a-z][a-z-]*)/gm);
  return Array.from(names, (match) => match[1] ?? '').filter((name) => name !== 'help');
}
