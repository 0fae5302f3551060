import { join } from 'node:path';
import { source as anthropic } from '@aileron/connector-anthropic';
import { source as linear } from '@aileron/connector-linear';
import { compileConnector } from '@aileron/connectors';
import type { StartSessionResponse } from '@aileron/contracts/rest';
import { REST_HOST } from '../bench-hosts.js';
import type { Dial } from '../generator/dial.js';
import { AileronHome } from './aileron-home.js';
import type { Contestant, ContestantInput } from './contestant.js';

const PROBE = new URL('../probe/preload-probe.js', import.meta.url).href;
/** As `aileron up` gives them to what it starts. */
const ENGINE_OPTIONS = ['--max-semi-space-size=8', '--heap-growing-percent=15', '--no-allocation-site-pretenuring'];
const ENGINE_ENVIRONMENT = { MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '131072' };
/** Sessions that have made no call, started at once: each lot of them takes a passphrase. */
const FIRST_FRESH = 8;
const placeholders = {
  graphql: compileConnector(linear).credential.placeholder,
  rest: compileConnector(anthropic).credential.placeholder,
};

/** The whole product with everything on, and its own Postgres; in one process or split. */
export async function startAileron(
  { directory, upstream }: ContestantInput,
  { split }: { readonly split: boolean },
): Promise<Contestant> {
  const socket = join(directory, 'loop.sock');
  const home = new AileronHome({
    directory,
    upstream,
    serviceOptions: split ? ['--split'] : [],
    environment: ENGINE_ENVIRONMENT,
    nodeOptions: [...ENGINE_OPTIONS, '--import', `${PROBE}?${encodeURIComponent(socket)}`],
  });
  try {
    await home.start();
    await home.fillVault();
    const [session, ...fresh] = await home.startSessions(1 + FIRST_FRESH);
    if (session === undefined) throw new Error('no session was started');
    return {
      name: split ? 'aileron-split' : 'aileron',
      version: `aileron ${home.service.version}, ${split ? 'three processes' : 'one process'}`,
      dial: dialOf(session),
      processes: () => [home.service.pid, ...home.service.processes.map(({ pid }) => pid)],
      coldTunnels: async (count) => {
        if (fresh.length < count) fresh.push(...(await home.startSessions(count - fresh.length)));
        return fresh.splice(0, count).map((cold) => ({ dial: dialOf(cold), host: REST_HOST }));
      },
      // Apart, the process that could be watched is the one that only starts the others.
      ...(split ? {} : { probeSocket: socket, parts: { pid: home.service.pid, databasePid: home.databasePid } }),
      close: () => home.close(),
    };
  } catch (error) {
    await home.close();
    throw error;
  }
}

const dialOf = ({ agentToken, runtimeDirectory, caCertificatePem }: StartSessionResponse): Dial => ({
  proxy: { socketPath: join(runtimeDirectory, 'proxy.sock') },
  proxyAuthorization: `Basic ${Buffer.from(`session:${agentToken}`).toString('base64')}`,
  port: 443,
  caPem: caCertificatePem,
  credentials: placeholders,
});
