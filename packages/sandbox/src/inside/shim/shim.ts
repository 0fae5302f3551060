/** A connector's command on PATH: `shim.mjs <name> <command> [options]`. Its exit codes are those of docs/errors.md. */
import { readFileSync } from 'node:fs';
import { INSIDE } from '../../sandbox-plan.js';
import { withoutControls } from '../plain-text.js';
import { describeProblem, exitCode, type Problem } from '../problem.js';
import type { Answer } from '../proxied-request.js';
import { readSessionFile } from '../session-file.js';
import { buildRequest } from './build-request.js';
import { callUntilDecided, type CallResult } from './call-until-decided.js';
import { commandText, overviewText } from './help-text.js';
import { parseArgv, UsageError } from './parse-argv.js';
import { renderOutput } from './render-output.js';
import type { ShimCommand, ShimSpec } from './shim-spec.js';

const EXIT_UPSTREAM_REFUSED = 1;
const EXIT_USAGE = 64;
const EXIT_UNAVAILABLE = 69;
const EXIT_INTERNAL = 70;

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const complain = (text: string): void => void process.stderr.write(`${text}\n`);

async function main(spec: ShimSpec, argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    print(overviewText(spec));
    return name === undefined ? EXIT_USAGE : 0;
  }
  const command = spec.commands.find((each) => each.name === name);
  if (command === undefined) throw new UsageError(`unknown command: ${name.slice(0, 100)}; see ${spec.name} --help`);
  const { runtime, values } = parseArgv(rest, command);
  if (runtime.help) {
    print(commandText(spec, command));
    return 0;
  }
  const result = await callUntilDecided({
    session: readSessionFile(),
    request: buildRequest(spec, command, values),
    command,
    waitSeconds: runtime.waitSeconds,
    announce: (line) => complain(`${spec.name}: ${line}`),
  });
  return report(result, command, runtime.json);
}

function report(result: CallResult, command: ShimCommand, json: boolean): number {
  switch (result.kind) {
    case 'answer':
      return reportAnswer(result.answer, command, json);
    case 'problem':
      return reportProblem(result.problem, json);
    case 'unreachable':
      complain(`The proxy cannot be reached: ${result.reason}`);
      return EXIT_UNAVAILABLE;
    case 'unknown':
      complain(
        `Whether ${command.operation} was carried out is not known: ${result.reason}\n  next: look at the upstream before you repeat it`,
      );
      return EXIT_UNAVAILABLE;
  }
}

function reportProblem(problem: Problem, json: boolean): number {
  if (json) print(JSON.stringify({ error: problem }));
  complain(describeProblem(problem));
  return exitCode(problem.code);
}

function reportAnswer(answer: Answer, command: ShimCommand, json: boolean): number {
  const body = readJson(answer.body);
  const errors = graphqlErrors(body);
  const refused = answer.status < 200 || answer.status > 299 || errors !== null;
  if (refused) {
    complain(
      `The upstream refused ${command.operation} (status ${answer.status}): ${withoutControls(errors ?? answer.body.slice(0, 2_000))}`,
    );
    if (json) print(answer.body);
    return EXIT_UPSTREAM_REFUSED;
  }
  if (json) print(JSON.stringify(body ?? answer.body));
  else print(body === undefined ? answer.body : renderOutput(body, command.output));
  return 0;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** GraphQL answers 200 and says in `errors` what went wrong, https://spec.graphql.org/October2021/#sec-Errors */
function graphqlErrors(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('errors' in body) || !Array.isArray(body.errors)) return null;
  const messages = (body.errors as unknown[]).map((each) => {
    const message = typeof each === 'object' && each !== null && 'message' in each ? each.message : 'unknown';
    return String(message).slice(0, 500);
  });
  return messages.length === 0 ? null : messages.join('; ');
}

const [shimName = '', ...argv] = process.argv.slice(2);
try {
  const spec = JSON.parse(readFileSync(`${INSIDE.platform}/shims/${shimName}.json`, 'utf8')) as ShimSpec;
  process.exitCode = await main(spec, argv);
} catch (error) {
  complain(`${shimName}: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = error instanceof UsageError ? EXIT_USAGE : EXIT_INTERNAL;
}
