import type { WorkspaceView } from '@aileron/contracts/workspace';
import type { CarriedTerminal, TerminalWay } from '../terminal/carried-terminal.js';
import { socketTerminals } from '../terminal/socket-terminal.js';
import { median } from '../measure/percentile.js';
import { bareSandbox } from './bare-sandbox.js';
import type { RunningUp } from './running-up.js';
import { timesOf } from './times-of.js';
import type { StartFigures } from './workspace-result.js';

/** The first one may load an agent from its registry. */
const WITHIN_MS = 300_000;

/** Workspaces that are made, used for one command, and deleted, one after the other. */
export async function measureStarts(
  up: RunningUp,
  amounts: { readonly coldStarts: number; readonly warmStarts: number },
): Promise<StartFigures> {
  // The first one installs agents where they are missing, and loads code.
  await coldStart(up, 'first');
  const cold: ColdStart[] = [];
  const bare: number[] = [];
  for (let turn = 1; turn <= amounts.coldStarts; turn += 1) {
    cold.push(await coldStart(up, `cold-${turn}`));
    bare.push(await bareSandbox(up.home));
  }
  const names = [...new Set(cold.flatMap(({ steps }) => Object.keys(steps)))];
  return {
    cold: timesOf(cold.map(({ tookMs }) => tookMs)),
    steps: Object.fromEntries(names.map((name) => [name, median(cold.map(({ steps }) => steps[name] ?? Number.NaN))])),
    warm: timesOf(await warmStarts(up, amounts.warmStarts)),
    bare: timesOf(bare),
  };
}

interface ColdStart {
  readonly tookMs: number;
  readonly steps: Readonly<Record<string, number>>;
}

/** As the page has them, past the gateway. */
const terminalsOf = ({ client, managerUrl: origin, pid }: RunningUp, workspaceId: string) =>
  socketTerminals({ name: 'manager', client, workspaceId, origin, headers: {}, processes: () => [pid] });

async function coldStart(up: RunningUp, name: string): Promise<ColdStart> {
  const { client } = up;
  const startedAt = performance.now();
  const { workspaceId } = await client.createWorkspace({ body: { name } });
  const params = { workspaceId };
  try {
    const running = await untilRunning(client, workspaceId);
    const runningMs = performance.now() - startedAt;
    const way = terminalsOf(up, workspaceId);
    const commandMs = await firstAnswer(way);
    const tookMs = performance.now() - startedAt;
    return { tookMs, steps: { ...stepsOf(running), 'until it runs': runningMs, 'first command': commandMs } };
  } finally {
    await client.deleteWorkspace({ params, query: { force: false } });
    await untilGone(client, workspaceId);
  }
}

/** Terminals of one workspace, one after the other. */
async function warmStarts(up: RunningUp, count: number): Promise<number[]> {
  const { client } = up;
  const { workspaceId } = await client.createWorkspace({ body: { name: 'warm' } });
  try {
    await untilRunning(client, workspaceId);
    const way = terminalsOf(up, workspaceId);
    const took: number[] = [];
    for (let turn = 0; turn < count; turn += 1) took.push(await firstAnswer(way));
    return took;
  } finally {
    await client.deleteWorkspace({ params: { workspaceId }, query: { force: false } });
    await untilGone(client, workspaceId);
  }
}

/** A new terminal, until a command in it has answered; milliseconds. */
async function firstAnswer(way: TerminalWay): Promise<number> {
  const startedAt = performance.now();
  const terminal = await way.open();
  try {
    await terminal.type('echo ready-$((1+1))\n');
    await untilShown(terminal, 'ready-2');
    return performance.now() - startedAt;
  } finally {
    await terminal.close();
  }
}

export async function untilShown(terminal: CarriedTerminal, text: string): Promise<void> {
  let end = '';
  for await (const { bytes } of terminal.output(AbortSignal.timeout(WITHIN_MS))) {
    end = (end + Buffer.from(bytes).toString('latin1')).slice(-4_096);
    if (end.includes(text)) return;
  }
  throw new Error(`the terminal did not answer: ${end.slice(-200)}`);
}

type Client = RunningUp['client'];

export async function untilRunning(client: Client, workspaceId: string): Promise<WorkspaceView> {
  const view = await untilSeen(client, workspaceId, ({ phase }) => phase === 'running');
  if (view === null) throw new Error('the workspace was removed');
  return view;
}

const untilGone = async (client: Client, workspaceId: string): Promise<void> =>
  void (await untilSeen(client, workspaceId, () => false));

/** The first state of it of which that holds; null once it is gone. @throws Error when it fails */
export async function untilSeen(
  client: Client,
  workspaceId: string,
  holds: (view: WorkspaceView) => boolean,
): Promise<WorkspaceView | null> {
  const signal = AbortSignal.timeout(WITHIN_MS);
  for await (const delivery of client.watchWorkspace({ params: { workspaceId }, query: {}, signal })) {
    if (delivery.type === 'end') return null;
    const views =
      delivery.type === 'snapshot'
        ? [delivery.snapshot.workspace]
        : delivery.type === 'events'
          ? delivery.events.map(({ event }) => (event.type === 'changed' ? event.workspace : null))
          : [];
    for (const view of views) {
      if (view === null) continue;
      if (holds(view)) return view;
      if (view.phase === 'failed') throw new Error(`the workspace failed: ${view.reason}`);
    }
  }
  return null;
}

const stepsOf = ({ steps }: WorkspaceView): Record<string, number> =>
  Object.fromEntries(
    steps.map(({ title, startedAt, endedAt }) => [
      title,
      startedAt === null || endedAt === null ? Number.NaN : Date.parse(endedAt) - Date.parse(startedAt),
    ]),
  );
