// Puts the hostile program into a workspace of the real stack, tells it where everything is, and reads what it got.
import { readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { WorkspaceView } from '@aileron/contracts/workspace';
import type { WorkspaceClient } from '@aileron/contracts/workspace-client';
import { AileronError } from '@aileron/errors';
import { canaryPatterns } from '../../demo/demo-cast.js';
import { readKeptDemo } from '../../demo/kept-demo.js';
import { requireService } from '../../home/service-file.js';
import { approvalOf, LONG_MS, printed, Talk } from '../journey.fixture.js';
import { eventually, randomName } from '../running-service.fixture.js';
import { TerminalUnderTest } from '../terminal.fixture.js';
import type { UpUnderTest } from '../up.fixture.js';
import type { HostileReport, Targets } from './attempt.fixture.js';

const PARTS = ['attempt', 'network', 'proxy', 'processes', 'kernel', 'files', 'client'];
const NODE = '/opt/aileron/bin/node';
const MOST_PORTS = 60;
const MOST_SOCKETS = 300;
/** Resolve to private addresses wherever names are resolved at all. */
const PRIVATE_NAMES = ['localtest.me', '127.0.0.1.nip.io', '169.254.169.254.nip.io'];
const LONGEST_RUN_MS = 180_000;

export interface HostilePlace {
  readonly up: UpUnderTest;
  readonly client: WorkspaceClient;
  /** The one it runs in, and another one that runs beside it. */
  readonly workspace: WorkspaceView;
  readonly other: WorkspaceView;
  /** With an agent in it. */
  readonly talk: Talk;
  /** Of the host, beside those of every `up`. */
  readonly paths?: readonly string[];
  /** The most that there may be inside. */
  readonly processes: number;
}

/** Runs it as an agent does and as a person's shell does, one after the other. */
export async function runHostileClient(place: HostilePlace, as: 'agent' | 'shell'): Promise<HostileReport> {
  const { client, workspace, up } = place;
  const params = { workspaceId: workspace.workspaceId };
  await client.updateWorkspace({ params, body: { workspace_firewall_allowed_domains: PRIVATE_NAMES } });
  const title = `Never approved ${randomName()}`;
  const waiting = await Talk.start(client, workspace);
  await waiting.say(`/exec linear create-issue --title "${title}" --team ENG`);
  const approvalId = await approvalOf(up.api, title);
  for (const name of PARTS) await save(client, workspace, `${name}.mts`, sourceOf(name));
  const targets = await targetsOf(place, approvalId);
  await save(client, workspace, 'targets.json', JSON.stringify(targets));
  const report = `report-${as}.json`;
  await start(place, `cd /workspace && ${NODE} client.mts targets.json ${report}`, as);
  let text: string | null = null;
  await eventually(async () => (text = await readText(client, workspace, report)) !== null, LONGEST_RUN_MS);
  const { approvals } = await up.api.listApprovals({ state: 'pending' });
  if (!approvals.some((each) => each.approvalId === approvalId)) throw new Error('it decided by itself');
  return JSON.parse(text ?? '') as HostileReport;
}

async function start({ client, workspace, talk }: HostilePlace, command: string, as: 'agent' | 'shell'): Promise<void> {
  if (as === 'agent') return await talk.say(`/exec ${command}`);
  await using terminal = await TerminalUnderTest.open(client, workspace);
  terminal.type(`${command}; echo hostile''-over\n`);
  await terminal.shows('hostile-over', LONGEST_RUN_MS);
}

/** Plain Node runs it, and knows files by their real names. */
const sourceOf = (name: string): string =>
  readFileSync(new URL(`${name}.fixture.ts`, import.meta.url), 'utf8').replaceAll(".fixture.js'", ".mts'");

async function targetsOf(place: HostilePlace, approvalId: string): Promise<Targets> {
  const { up, client, other, processes } = place;
  const { home } = up;
  const service = requireService(home);
  const first = [service.url, service.page, service.workspaces, up.boardUrl].flatMap((url) => url ?? []);
  const ports = [...first.map((url) => Number(new URL(url).port)), ...listening()];
  const foreign = await tokenOf(client, other);
  const named = [
    'service.json',
    'run',
    'keys',
    'store',
    'database',
    'proxy',
    'workspaces',
    'docker',
    'logs',
    'demo.json',
  ];
  return {
    ports: [...new Set(ports)].slice(0, MOST_PORTS),
    addresses: Object.values(networkInterfaces()).flatMap((each) =>
      (each ?? []).flatMap(({ internal, address }) => (internal ? [] : [address])),
    ),
    sockets: socketsOfHost(home.root),
    paths: [
      home.root,
      ...named.map((name) => home.path(name)),
      ...foldersOf(home.root, other.workspaceId),
      ...(place.paths ?? []),
    ],
    tokens: [foreign, service.token, `${foreign.slice(0, -1)}x`].map((token) => token.split('').toReversed().join('')),
    names: PRIVATE_NAMES,
    secrets: secretsOf(up, [foreign, service.token]).map((bytes) => Buffer.from(bytes).reverse().toString('hex')),
    approvalId,
    processes,
  };
}

function secretsOf({ home }: UpUnderTest, tokens: readonly string[]): Uint8Array[] {
  const kept = readKeptDemo(home);
  if (kept === undefined) throw new Error('the demo has no credentials');
  const credentials = canaryPatterns(kept.credentials).map(({ bytes }) => bytes);
  return [...credentials, ...[kept.passphrase, ...tokens].map((text) => Buffer.from(text))];
}

/** The token that agents of another workspace have. */
async function tokenOf(client: WorkspaceClient, workspace: WorkspaceView): Promise<string> {
  const talk = await Talk.start(client, workspace);
  await talk.say('/exec printenv AILERON_TOKEN >token.new && mv token.new token && echo told');
  await talk.until((view) => printed(view).includes('told'));
  return ((await readText(client, workspace, 'token')) ?? '').trim();
}

/** Ports of the host that anybody listens on. */
function listening(): number[] {
  const lines = ['tcp', 'tcp6'].flatMap((name) => readFileSync(`/proc/net/${name}`, 'utf8').split('\n').slice(1));
  const listens = lines.map((line) => line.trim().split(/\s+/)).filter(([, , , state]) => state === '0A');
  return listens.map(([, local = '']) => Number.parseInt(local.split(':').at(-1) ?? '', 16));
}

function socketsOfHost(own: string): string[] {
  const names = readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .flatMap((line) => line.trim().split(/\s+/)[7] ?? []);
  const all = [...new Set(names)].filter((name) => /^[@/]/.test(name));
  return all.toSorted((a, b) => Number(b.startsWith(own)) - Number(a.startsWith(own))).slice(0, MOST_SOCKETS);
}

const foldersOf = (home: string, workspaceId: string): string[] =>
  ['workspaces', 'docker'].flatMap((kind) => [join(home, kind), join(home, kind, workspaceId)]).filter(isThere);

function isThere(path: string): boolean {
  try {
    return readdirSync(path).length >= 0;
  } catch {
    return false;
  }
}

export async function save(
  client: WorkspaceClient,
  { workspaceId }: WorkspaceView,
  path: string,
  text: string,
): Promise<void> {
  const params = { workspaceId };
  const { etag } = await client.readFile({ params, query: { path } }).catch(() => ({ etag: '' }));
  await client.saveFile({ params, body: { path, text, etag } });
}

/** Null while there is none. */
export async function readText(
  client: WorkspaceClient,
  { workspaceId }: WorkspaceView,
  path: string,
): Promise<string | null> {
  try {
    return (await client.readFile({ params: { workspaceId }, query: { path } })).text;
  } catch (error) {
    if (AileronError.is(error, 'NOT_FOUND')) return null;
    throw error;
  }
}

export const WITHIN_MS = LONGEST_RUN_MS + LONG_MS;
