import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { inheritedEnvironment } from '@aileron/config';
import { loadRest, type RestLoad, type RestRequest } from './rest-load.js';
import type { RunningUp } from './running-up.js';
import type { RestFigures } from './workspace-result.js';

const BARE = fileURLToPath(new URL('./bare-rest-process.js', import.meta.url));
const PAGE = '/api/v1/workspaces?limit=50';

export interface RestAmounts {
  readonly restPerSecond: number;
  readonly restWarmUpSeconds: number;
  readonly restSeconds: number;
}

/** The REST API of workspaces at a fixed pace, and beside it the least that reads one row. */
export async function measureRest(up: RunningUp, ids: readonly string[], amounts: RestAmounts): Promise<RestFigures[]> {
  const { nextCursor } = await up.client.listWorkspaces({ query: { limit: 50 } });
  const manager = mixOf(ids, nextCursor);
  const measured = await measure({ server: 'manager', origin: up.managerUrl, next: manager }, amounts);
  const bare = await startBare(up.databaseUrl);
  try {
    const next = (number: number): RestRequest => ({
      call: 'get',
      method: 'GET',
      path: `/workspaces/${idOf(ids, number)}`,
    });
    return [await measure({ server: 'bare', origin: bare.origin, next }, amounts), measured];
  } finally {
    bare.close();
  }
}

async function measure(load: Pick<RestLoad, 'server' | 'origin' | 'next'>, amounts: RestAmounts): Promise<RestFigures> {
  const { restPerSecond: perSecond, restWarmUpSeconds, restSeconds } = amounts;
  await loadRest({ ...load, perSecond, seconds: restWarmUpSeconds });
  return loadRest({ ...load, perSecond, seconds: restSeconds });
}

/** Spread over all of them, whatever their order. */
const idOf = (ids: readonly string[], number: number): string => ids[(number * 7_919) % ids.length] ?? '';

/** Of ten requests: four pages of the list, one search in it, three workspaces, two changes of one. */
function mixOf(ids: readonly string[], cursor: string | null): (number: number) => RestRequest {
  const second = cursor === null ? PAGE : `${PAGE}&cursor=${encodeURIComponent(cursor)}`;
  return (number) => {
    const turn = number % 10;
    if (turn < 2) return { call: 'list', method: 'GET', path: PAGE };
    if (turn < 4) return { call: 'list', method: 'GET', path: second };
    if (turn === 4) return { call: 'search', method: 'GET', path: `${PAGE}&phase=stopped&search=copy-${number % 20}` };
    const path = `/api/v1/workspaces/${idOf(ids, number)}`;
    if (turn < 8) return { call: 'get', method: 'GET', path };
    return { call: 'patch', method: 'PATCH', path, body: { name: `renamed-${number}-${process.pid}` } };
  };
}

async function startBare(databaseUrl: string): Promise<{ readonly origin: string; readonly close: () => void }> {
  const child = spawn(process.execPath, [BARE], {
    env: inheritedEnvironment({}),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(databaseUrl);
  const [line] = (await once(createInterface(child.stdout), 'line', { signal: AbortSignal.timeout(30_000) })) as [
    string,
  ];
  return { origin: line, close: () => child.kill('SIGKILL') };
}
