import { mkdir } from 'node:fs/promises';
import { LocalApi } from '../api/local-api.js';
import { ensureSigningKey } from '../home/home-keys.js';
import { Home } from '../home/home.js';
import { writePrivateFile } from '../home/private-file.js';
import { launch, type LaunchResult } from '../launch/launch.js';
import type { Output } from '../output/output.js';
import { spawnService, stopService, type SpawnedService } from '../service/spawn-service.js';
import { Secret } from '@aileron/vault';
import { AgentObserver } from './agent-observer.js';
import { decideAsTheyCome, type Answer } from './demo-approver.js';
import { startDemoCast, type DemoCast } from './demo-cast.js';
import { DemoHome } from './demo-home.js';
import { fillDemoVault } from './fill-demo-vault.js';
import { makeReport, type DemoOutcome } from './make-report.js';
import type { DemoReport } from './demo-report.js';
import type { PlantPlace } from './planted-leak.js';
import { plantLeak } from './planted-leak.js';
import { readAudit } from './read-audit.js';
import { scanDemo } from './scan-demo.js';

export interface DemoInput {
  readonly agent: string;
  readonly agentsDirectory: string;
  readonly answer: Answer;
  readonly keep: boolean;
  /** Options of `aileron service` that say how its parts run. */
  readonly topology: readonly string[];
  /** A leak planted on purpose, to show that the scan finds it. */
  readonly plant: PlantPlace | undefined;
  readonly output: Output;
  readonly signal: AbortSignal;
}

const TITLE = 'Login link is broken';
const PROMPT = `Create an issue in Linear with the title "${TITLE}" and tell me its number.`;

/** The main job, from an empty home to a verified audit. Leaves nothing behind unless told to keep it. */
export async function runDemo(input: DemoInput): Promise<DemoReport> {
  const startedAt = performance.now();
  const home = await DemoHome.create();
  const cast = await startDemoCast();
  let service: SpawnedService | undefined;
  try {
    service = await startService(home.home, cast, input);
    const api = new LocalApi(service.service);
    input.output.note(
      '2. a vault from a passphrase, with two canary credentials, each bound to its host and operations',
    );
    const passphrase = Secret.fromString((await fillDemoVault(api, cast)).passphrase);
    const agent = await runAgent(input, { api, home, passphrase, cast });
    const audit = await readAudit(api, home.home);
    const outcome: DemoOutcome = { ...agent, audit, answer: input.answer, cast };
    if (!input.keep) await stopService(service.process);
    await plantLeak(input.plant, { home, cast, service, observer: agent.observer });
    const canary = await scanDemo({ home, cast, service, observer: agent.observer, audit });
    return makeReport({ outcome, canary, durationMs: Math.round(performance.now() - startedAt) });
  } finally {
    await cast.close();
    if (service && !input.keep) await stopService(service.process);
    if (!input.keep) await home.remove();
    else
      input.output.note(
        `kept: home ${home.home.root}, service ${service?.service.url ?? 'not started'} (pid ${service?.service.pid ?? '-'})`,
      );
  }
}

async function startService(
  home: Home,
  cast: DemoCast,
  { output, topology }: Pick<DemoInput, 'output' | 'topology'>,
): Promise<SpawnedService> {
  const how = topology.length === 0 ? 'in one process' : 'as three processes';
  output.note(`1. aileron service: management plane, credential service and proxy ${how}, on embedded Postgres`);
  home.prepare();
  const mapFile = home.path('upstream-map.json');
  writePrivateFile(mapFile, JSON.stringify(cast.upstreamMap));
  const service = await spawnService(home, ['--port', '0', '--upstream-map', mapFile, ...topology]);
  output.note(`   ready at ${service.service.url}`);
  return service;
}

interface AgentRun {
  readonly result: LaunchResult;
  readonly observer: AgentObserver;
}

interface Stage {
  readonly api: LocalApi;
  readonly home: DemoHome;
  readonly passphrase: Secret;
  readonly cast: DemoCast;
}

async function runAgent(input: DemoInput, stage: Stage): Promise<AgentRun> {
  const { output, plant } = input;
  const ports = stage.cast.upstreamMap.map(({ port }) => port).join(', ');
  output.note(`3. fake upstreams for api.anthropic.com and api.linear.app on loopback (${ports})`);
  output.note(`4. ${input.agent} in a sandbox without network`);
  const observer = new AgentObserver(output, plant === 'stdout' ? stage.cast.credentials.linear : undefined);
  const deciding = new AbortController();
  const approver = decideAsTheyCome({
    api: stage.api,
    deviceKey: await ensureSigningKey(stage.home.home, 'device'),
    answer: input.answer,
    output,
    signal: deciding.signal,
    onHeld: () => observer.lookInside(),
  });
  try {
    // The approver ends only when told to, or by failing: then the agent would wait for nobody.
    const approverFailed = approver.then(() => new Promise<never>(() => undefined));
    const result = await Promise.race([launchAgent(input, stage, observer), approverFailed]);
    return { result, observer };
  } finally {
    deciding.abort();
    await approver.catch(() => undefined);
  }
}

async function launchAgent(
  input: DemoInput,
  { api, home, passphrase }: Stage,
  observer: AgentObserver,
): Promise<LaunchResult> {
  await mkdir(home.projectDirectory, { recursive: true, mode: 0o700 });
  return launch({
    api,
    home: home.home,
    agentsDirectory: input.agentsDirectory,
    agent: input.agent,
    prompt: PROMPT,
    projectDirectory: home.projectDirectory,
    passphrase,
    stdio: 'capture',
    signal: input.signal,
    onProgress: (line) => input.output.note(`   ${line}`),
    onRunning: (agent) => observer.watch(agent),
  });
}
