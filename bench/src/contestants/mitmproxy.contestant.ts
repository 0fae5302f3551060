import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dial } from '../generator/dial.js';
import { freePort } from '../machine/free-port.js';
import { runProgram } from '../machine/run-program.js';
import { listens, SpawnedProgram } from '../machine/spawned-program.js';
import type { Upstream } from '../upstream/start-upstream.js';
import { ColdHosts } from './cold-hosts.js';
import { ContestantMissing, type Contestant, type ContestantInput } from './contestant.js';
import { PLACEHOLDERS } from './placeholders.js';

const PROGRAM = '/usr/bin/mitmdump';

/** Replaces one header, sends every host to the upstream, and streams: by default whole bodies would be held. */
const addon = ({ port, credentials }: Upstream): string => `
def server_connect(data):
    data.server.address = ("127.0.0.1", ${port})

def requestheaders(flow):
    headers = flow.request.headers
    if "authorization" in headers:
        headers["authorization"] = ${JSON.stringify(credentials.graphql)}
    if "x-api-key" in headers:
        headers["x-api-key"] = ${JSON.stringify(credentials.rest)}
    flow.request.stream = True

def responseheaders(flow):
    flow.response.stream = True
`;

export async function startMitmproxy(input: ContestantInput): Promise<Contestant> {
  if (!existsSync(PROGRAM)) throw new ContestantMissing('mitmproxy is not installed');
  const { directory, upstream } = input;
  const port = await freePort();
  const path = (name: string): string => join(directory, name);
  writeFileSync(path('rewrite.py'), addon(upstream));
  writeFileSync(path('upstream-ca.pem'), upstream.caPem);
  const set = [`confdir=${directory}`, `ssl_verify_upstream_trusted_ca=${path('upstream-ca.pem')}`].flatMap(
    (option) => ['--set', option],
  );
  const listen = ['--listen-host', '127.0.0.1', '--listen-port', String(port)];
  const program = new SpawnedProgram({
    command: PROGRAM,
    args: ['--quiet', ...listen, ...set, '-s', path('rewrite.py')],
  });
  try {
    await program.ready(() => listens(port));
  } catch (error) {
    await program.close();
    throw error;
  }
  const caPem = readFileSync(path('mitmproxy-ca-cert.pem'), 'utf8');
  const dial: Dial = { proxy: { port }, port: upstream.port, caPem, credentials: PLACEHOLDERS };
  const cold = new ColdHosts(dial);
  const version = /Mitmproxy: (\S+)/.exec(await runProgram(PROGRAM, ['--version']))?.[1] ?? '?';
  return {
    name: 'mitmproxy',
    version: `mitmproxy ${version}`,
    dial,
    processes: () => [program.pid],
    coldTunnels: (count) => Promise.resolve(cold.take(count)),
    close: () => program.close(),
  };
}
