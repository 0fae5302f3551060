// Every route of the workspace plane is asked for what its own schema describes, and for what it does not. Nothing may break it.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WORKSPACE_ROUTES, type Route } from '@aileron/contracts/workspace';
import type { WorkspaceClient } from '@aileron/contracts/workspace-client';
import { seededRandom } from '@aileron/testing';
import { z } from 'zod';
import { workspaceApi } from '../api/workspace-api.js';
import { requireService } from '../home/service-file.js';
import { HostileValues } from './hostile-values.fixture.js';
import { createWorkspace, Talk } from './journey.fixture.js';
import { UpUnderTest } from './up.fixture.js';

/** Of each route; a seed from outside repeats a run, more calls find more. */
const CALLS = Number(process.env['FUZZ_CALLS'] ?? 12);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_121);

const routes = Object.entries<Route>(WORKSPACE_ROUTES);
/** What changes the workspace comes last, or the rest would meet nothing. */
const isIntent = ({ ifMatch, method }: Route): boolean => ifMatch === true && method !== 'PATCH';
const place = ([id, route]: readonly [string, Route]): number =>
  id === 'deleteWorkspace' ? 2 : isIntent(route) ? 1 : 0;
const inOrder = routes.toSorted((one, other) => place(one) - place(other));

describe('the routes of the workspace plane', () => {
  let under: UpUnderTest;
  let base: string;
  const known: Record<string, string> = {};
  const values = new HostileValues(seededRandom(SEED));

  beforeAll(async () => {
    under = await UpUnderTest.start();
    const client: WorkspaceClient = workspaceApi(requireService(under.home));
    base = requireService(under.home).workspaces ?? '';
    const workspace = await createWorkspace(client);
    const params = { workspaceId: workspace.workspaceId };
    known['workspaceId'] = workspace.workspaceId;
    known['agentSessionId'] = (await Talk.start(client, workspace)).agentSessionId;
    known['terminalId'] = (await client.openTerminal({ params, body: { columns: 80, rows: 24 } })).terminalId;
    known['component'] = 'terminal';
  }, 300_000);
  afterAll(() => under.close(), 120_000);

  it.each(inOrder)(
    '%s answers with what it says, or a refusal that says why',
    async (id, route) => {
      for (let call = 0; call < CALLS; call += 1) {
        const odd = call % 3 === 0 ? 0 : 0.25;
        const asked = requestOf(route, { values, known, odd });
        const answer = await ask(base, asked);
        const context = `${id} seed ${SEED} call ${call}: ${JSON.stringify(asked).slice(0, 2_000)} → ${JSON.stringify(answer).slice(0, 2_000)}`;
        if (answer.status >= 500) throw new Error(context);
        if (answer.status >= 400 && !/"code":"[A-Z_]+"/.test(answer.text))
          throw new Error(`no problem body: ${context}`);
      }
      expect((await fetch(`${base}/health`)).status).toBe(200);
    },
    300_000,
  );
});

interface Asked {
  readonly method: string;
  readonly target: string;
  readonly body: string | undefined;
  readonly ifMatch: string | undefined;
}

interface Given {
  readonly values: HostileValues;
  readonly known: Readonly<Record<string, string>>;
  readonly odd: number;
}

function requestOf(route: Route, { values, known, odd }: Given): Asked {
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const own = known[name] ?? 'x';
    const chosen = values.chance(odd) ? values.pick([`${own}x`, 'wsp_', '..', '%00', 'ä', 'a'.repeat(300), ' ']) : own;
    return encodeURIComponent(chosen);
  });
  const query = route.query === undefined ? {} : values.valueOf(schemaOf(route.query), odd);
  const pairs = Object.entries(typeof query === 'object' && query !== null ? query : {}).map(
    ([name, value]): [string, string] => [name, typeof value === 'string' ? value : JSON.stringify(value)],
  );
  const wantsBody = route.method !== 'GET' && route.method !== 'DELETE';
  const body =
    route.body === undefined ? {} : withKnown(values.valueOf(schemaOf(route.body), odd), { values, known, odd });
  return {
    method: route.method,
    target: pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs).toString()}`,
    body: wantsBody ? (values.chance(odd / 4) ? '{"name":' : JSON.stringify(body)) : undefined,
    ifMatch:
      route.ifMatch === true && values.chance(0.3)
        ? values.pick(['"0"', '"1"', '"99"', 'W/"1"', '*', '"x"'])
        : undefined,
  };
}

const schemaOf = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });

/** A body that names a workspace names one there is; one that is to be made is made nowhere, for a machine is small. */
function withKnown(body: unknown, { values, known, odd }: Given): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const own = body as Record<string, unknown>;
  if ('workspace' in own && !values.chance(odd)) own['workspace'] = known['workspaceId'];
  if ('agent' in own && !values.chance(odd)) own['agent'] = 'fake';
  if ('name' in own) own['provisioner'] = values.pick(['kubernetes', 'docker', 'none', 7]);
  return own;
}

/** Streams are read until their first message. */
async function ask(base: string, { method, target, body, ifMatch }: Asked): Promise<{ status: number; text: string }> {
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(60_000)]);
  const response = await fetch(`${base}${target}`, {
    method,
    signal,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(ifMatch !== undefined && { 'if-match': ifMatch }),
    },
    ...(body !== undefined && { body }),
  });
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  const text = isStream ? '' : await response.text();
  ended.abort();
  return { status: response.status, text };
}
