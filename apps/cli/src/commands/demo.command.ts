import { resolve } from 'node:path';
import { AileronError } from '@aileron/errors';
import type { Answer } from '../demo/demo-approver.js';
import type { DemoReport } from '../demo/demo-report.js';
import { PLANT_PLACES, type PlantPlace } from '../demo/planted-leak.js';
import { runDemo } from '../demo/run-demo.js';
import type { Register } from './register.js';

interface DemoOptions {
  readonly agent: string;
  readonly approve?: string;
  readonly keep?: boolean;
  readonly plant?: string;
  readonly split?: boolean;
  readonly images?: string;
}

const LONGEST_MS = 120_000;

/** `aileron demo` */
export const registerDemo: Register = (program, action) => {
  program
    .command('demo')
    .description('the main job from end to end: a real agent, a real approval, fake upstreams, in a home of its own')
    .option('--agent <agent>', 'claude-code, or fake: our own small one', 'claude-code')
    .option(
      '--approve <answer>',
      'yes or no; without it the person at the terminal decides, or yes where there is none',
    )
    .option('--keep', 'leave it running, and its files')
    .option('--split', 'the services as three processes over gRPC with mutual TLS')
    .option('--images <folder>', 'with --split: from folders that pnpm image made')
    .option('--plant <place>', `plant a leak the canary scan must find: ${PLANT_PLACES.join(', ')}`)
    .action(
      action<[DemoOptions]>(async ({ output, agentsDirectory, exitWith }, options) => {
        const report = await runDemo({
          agent: options.agent,
          agentsDirectory,
          answer: readAnswer(options.approve),
          keep: options.keep ?? false,
          topology: topologyOf(options),
          plant: readPlace(options.plant),
          output,
          signal: untilInterrupted(),
        });
        output.result(report, () => story(report));
        if (!report.ok) exitWith(1);
      }),
    );
};

/** Ends the agent, after which the demo cleans up as it always does. */
function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => controller.abort());
  return AbortSignal.any([controller.signal, AbortSignal.timeout(LONGEST_MS)]);
}

function readAnswer(text: string | undefined): Answer {
  if (text === 'yes' || text === 'no') return text;
  if (text === undefined) return process.stdin.isTTY && process.stderr.isTTY ? 'ask' : 'yes';
  throw new AileronError('INVALID_ARGUMENT', { fields: [{ field: 'approve', message: 'yes or no' }] });
}

const topologyOf = ({ split, images }: DemoOptions): string[] =>
  split === true ? ['--split', ...(images === undefined ? [] : ['--images', resolve(images)])] : [];

function readPlace(text: string | undefined): PlantPlace | undefined {
  const place = PLANT_PLACES.find((each) => each === text);
  if (text !== undefined && place === undefined) {
    throw new AileronError('INVALID_ARGUMENT', {
      fields: [{ field: 'plant', message: `one of ${PLANT_PLACES.join(', ')}` }],
    });
  }
  return place;
}

function story(report: DemoReport): string[] {
  const { agent, approvals, llm, audit, canary } = report;
  const price = llm.costUsd === null ? 'no price' : `$${llm.costUsd.toFixed(6)}`;
  return [
    '',
    'Timeline',
    ...report.timeline.map((entry) => timelineRow(entry as { at: string; kind: string; text: string })),
    '',
    `agent      ${agent.name} ${agent.version}`,
    ...approvals.map(
      ({ operation, state, approver }) =>
        `approval   ${operation}: ${state}${approver === null ? '' : ` by ${approver}`}`,
    ),
    `model      ${llm.calls} calls, ${llm.inputTokens} tokens in, ${llm.outputTokens} out, ${price}`,
    `audit      ${audit.records} records, ${audit.verified ? 'chain verified' : 'CHAIN BROKEN'}`,
    `canaries   ${canary.leaked} found in ${canary.places} places`,
    `${report.ok ? 'It holds' : 'IT DOES NOT HOLD'}, in ${(report.durationMs / 1_000).toFixed(1)} s.`,
  ];
}

const timelineRow = ({ at, kind, text }: { at: string; kind: string; text: string }): string =>
  `  ${at.slice(11, 23)}  ${kind.padEnd(15)}  ${text}`;
