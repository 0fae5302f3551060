/** `aileron` for the agent: what it may know of its own session. Nothing here decides. */
import { describeProblem, exitCode, parseObject, readProblem } from './problem.js';
import { plainText } from './plain-text.js';
import { getOwn } from './own-api.js';
import { readSessionFile } from './session-file.js';

const EXIT_USAGE = 64;
const EXIT_UNAVAILABLE = 69;

const COMMANDS: Readonly<
  Record<string, { path: string; help: string; list: string | null; columns: readonly string[] }>
> = {
  status: { path: '/v1/self/status', help: 'this session', list: null, columns: [] },
  'approval list': {
    path: '/v1/self/approvals',
    help: 'approvals this session waits for or had',
    list: 'approvals',
    columns: ['approvalId', 'operation', 'state', 'expiresAt', 'reason'],
  },
  'audit query': {
    path: '/v1/self/audit',
    help: 'what this session did',
    list: 'records',
    columns: ['at', 'kind', 'operation', 'id'],
  },
  'actions list': {
    path: '/v1/self/actions',
    help: 'actions this session has',
    list: 'actions',
    columns: ['name', 'effect', 'approval', 'description'],
  },
};

const USAGE = [
  'usage: aileron <command> [--json]',
  '',
  ...Object.entries(COMMANDS).map(([name, command]) => `  ${name.padEnd(15)}${command.help}`),
  '',
  'Approvals are decided by a person outside of this sandbox.',
].join('\n');

async function main(argv: readonly string[]): Promise<number> {
  const words = argv.filter((word) => word !== '--json');
  if (words.some((word) => word === '--help' || word === '-h')) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  // `aileron actions` is short for `aileron actions list`.
  const name = words.length === 1 && words[0] === 'actions' ? 'actions list' : words.join(' ');
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    process.stderr.write(`${USAGE}\n`);
    return EXIT_USAGE;
  }
  const answer = await getOwn(readSessionFile(), command.path);
  const problem = readProblem(answer);
  if (problem !== null || answer.status !== 200) {
    process.stderr.write(`${problem === null ? `The proxy answered ${answer.status}.` : describeProblem(problem)}\n`);
    return problem === null ? EXIT_UNAVAILABLE : exitCode(problem.code);
  }
  process.stdout.write(
    `${argv.includes('--json') ? answer.body : render(answer.body, command.list, command.columns)}\n`,
  );
  return 0;
}

function render(body: string, list: string | null, columns: readonly string[]): string {
  const object = parseObject(body);
  const rows = list === null ? null : object?.[list];
  if (object === null || (list !== null && !Array.isArray(rows))) return body;
  if (!Array.isArray(rows))
    return Object.entries(object)
      .map(([name, value]) => `${name}: ${plainText(value)}`)
      .join('\n');
  if (rows.length === 0) return '(none)';
  return (rows as Record<string, unknown>[])
    .map((row) => columns.map((name) => plainText(row[name])).join('  '))
    .join('\n');
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`aileron: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = EXIT_UNAVAILABLE;
}
