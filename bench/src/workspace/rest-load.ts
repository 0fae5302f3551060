import { Pool } from 'undici';
import { timesOf } from './times-of.js';
import { REST_CALLS, type RestCall, type RestFigures } from './workspace-result.js';

const CONNECTIONS = 16;
const DEADLINE_MS = 120_000;

export interface RestRequest {
  readonly call: RestCall;
  readonly method: 'GET' | 'PATCH';
  readonly path: string;
  readonly body?: unknown;
}

export interface RestLoad {
  readonly server: RestFigures['server'];
  readonly origin: string;
  /** What the request of this number asks for. */
  readonly next: (number: number) => RestRequest;
  readonly perSecond: number;
  readonly seconds: number;
}

interface Answered {
  readonly call: RestCall;
  readonly tookMs: number;
}

/**
 * A fixed number of requests a second, whatever the answers do; each counts from when it was due, so that a server which stalls
 * cannot hide it.
 */
export async function loadRest({ server, origin, next, perSecond, seconds }: RestLoad): Promise<RestFigures> {
  const pool = new Pool(origin, { connections: CONNECTIONS });
  try {
    const answered = await atPace({ total: Math.round(perSecond * seconds), intervalMs: 1_000 / perSecond }, (number) =>
      ask(pool, next(number)),
    );
    const timesOfCall = (call: RestCall) => answered.filter((one) => one.call === call).map(({ tookMs }) => tookMs);
    const asked = REST_CALLS.filter((call) => timesOfCall(call).length > 0);
    return {
      server,
      perSecond,
      all: timesOf(answered.map(({ tookMs }) => tookMs)),
      calls: Object.fromEntries(asked.map((call) => [call, timesOf(timesOfCall(call))])),
    };
  } finally {
    await pool.close();
  }
}

async function ask(pool: Pool, { call, method, path, body }: RestRequest): Promise<Answered> {
  const since = performance.now();
  const answer = await pool.request({
    method,
    path,
    signal: AbortSignal.timeout(DEADLINE_MS),
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${method} ${path}: ${answer.statusCode} ${text.slice(0, 300)}`);
  return { call, tookMs: performance.now() - since };
}

function atPace<T>(
  { total, intervalMs }: { readonly total: number; readonly intervalMs: number },
  begin: (number: number) => Promise<T>,
): Promise<T[]> {
  return new Promise((resolve, reject) => {
    const begun: Promise<T>[] = [];
    const startedAt = performance.now();
    const timer = setInterval(() => {
      // What the timer of this process was late for is sent now and counts from now.
      while (begun.length < total && startedAt + begun.length * intervalMs <= performance.now()) {
        const one = begin(begun.length);
        one.catch((error: unknown) => {
          clearInterval(timer);
          reject(error);
        });
        begun.push(one);
      }
      if (begun.length < total) return;
      clearInterval(timer);
      Promise.all(begun).then(resolve, reject);
    }, 1);
  });
}
