// Part of a program that is run in a workspace: sockets of every kind.
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { lookup, Resolver } from 'node:dns/promises';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { connect, type NetConnectOpts } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { type Attempts, found, type Targets } from './attempt.fixture.js';

const ANSWER_MS = 10_000;
/** Public resolvers, the metadata services of clouds, the gateway of Docker's own bridge. */
const ELSEWHERE = ['1.1.1.1', '8.8.8.8', '2606:4700:4700::1111', '169.254.169.254', 'fd00:ec2::254', '172.17.0.1'];
const LOOPBACKS = ['127.0.0.1', '127.0.0.2', '::1', '0.0.0.0', '::ffff:127.0.0.1'];
const COMMON_PORTS = [22, 53, 80, 443, 2375, 2376, 3000, 3001, 3100, 5432, 5555, 6379];
/** AF_PACKET, AF_VSOCK, AF_ALG, AF_BLUETOOTH, AF_XDP, AF_TIPC: ways past addresses, or into the kernel. */
const FAMILIES = { packet: [17, 3], vsock: [40, 1], alg: [38, 5], bluetooth: [31, 3], xdp: [44, 3], tipc: [30, 1] };

/** Where the way out is; it is allowed. */
const FORWARDER = new Set(['127.0.0.1:3128', '0.0.0.0:3128', '::ffff:127.0.0.1:3128']);

export function networkAttempts({ ports, addresses, sockets }: Targets): Attempts {
  const every = [...new Set([...ports, ...COMMON_PORTS])];
  const combine = (hosts: readonly string[], of: readonly number[]) =>
    hosts.flatMap((host) => of.map((port) => ({ host, port })));
  return {
    'tcp to the internet and to metadata services': () => connected(combine(ELSEWHERE, [53, 80, 443])),
    'tcp to the loopback of the host': () => connected(combine(LOOPBACKS, every)),
    'tcp to the addresses of the host': () => connected(combine(addresses, every)),
    'udp to name servers': () => sent(['1.1.1.1', '127.0.0.53', '255.255.255.255', '224.0.0.251']),
    names: async () => {
      const resolver = new Resolver({ timeout: 1_000, tries: 1 });
      const names = ['example.com', 'host.docker.internal', 'metadata.google.internal', 'gateway.docker.internal'];
      const asked = names.flatMap((name) => [lookup(name), resolver.resolve4(name), resolver.resolveTxt(name)]);
      const answers = await Promise.allSettled(asked);
      return found(answers.flatMap((answer) => (answer.status === 'fulfilled' ? [JSON.stringify(answer.value)] : [])));
    },
    'interfaces beside the loopback': () => found(Object.keys(networkInterfaces()).filter((name) => name !== 'lo')),
    'sockets of other families': () =>
      found(
        Object.entries(FAMILIES).flatMap(([name, [family, type]]) =>
          perl(`socket(my $s, ${family}, ${type}, 0) or exit 1`) ? [name] : [],
        ),
      ),
    'raw sockets': () =>
      found([1, 6, 255].filter((each) => perl(`socket(my $s, 2, 3, ${each}) or exit 1`)).map(String)),
    'unix sockets of the host by their paths': () => connected(sockets.map((path) => ({ path: named(path) }))),
    'abstract unix sockets': () => connected(abstractNames().map((path) => ({ path: named(path) }))),
    'unix sockets that are seen anywhere': () => {
      // What it may write in has sockets of its own: agents make some.
      const own = /^(\/run\/aileron\/proxy\.sock$|\/(tmp|workspace|home\/agent)\/)/;
      const seen = socketsBelow('/').filter((path) => !own.test(path));
      return connected(seen.map((path) => ({ path })));
    },
  };
}

async function connected(places: readonly NetConnectOpts[]): Promise<string | null> {
  const tried = await Promise.all(places.map(async (place) => ((await connects(place)) ? [nameOf(place)] : [])));
  return found(tried.flat().filter((name) => !FORWARDER.has(name)));
}

const nameOf = (place: NetConnectOpts): string => ('path' in place ? place.path : `${place.host}:${place.port}`);

/** One that waits has sent something: only a refusal at once is none. */
function connects(place: NetConnectOpts): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(place);
    const end = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.setTimeout(ANSWER_MS, () => end(true));
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}

async function sent(hosts: readonly string[]): Promise<string | null> {
  const tried = hosts.map(
    (host) =>
      new Promise<string[]>((resolve) => {
        const socket = createSocket('udp4');
        socket.bind(0, () => {
          socket.setBroadcast(true);
          socket.send('x', 53, host, (error) => {
            socket.close();
            // Its own loopback has nobody: what is sent there stays there.
            resolve(error === null && !host.startsWith('127.') ? [host] : []);
          });
        });
        socket.once('error', () => resolve([]));
      }),
  );
  return found((await Promise.all(tried)).flat());
}

const named = (path: string): string => (path.startsWith('@') ? `\0${path.slice(1)}` : path);

const abstractNames = (): string[] =>
  readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .flatMap((line) => line.trim().split(/\s+/).slice(7))
    .filter((name) => name.startsWith('@'));

function socketsBelow(folder: string, depth = 0): string[] {
  if (depth > 6 || /^\/(proc|sys|usr|lib|bin|sbin)(\/|$)/.test(folder)) return [];
  try {
    return readdirSync(folder).flatMap((name) => {
      const path = join(folder, name);
      const status = lstatSync(path, { throwIfNoEntry: false });
      if (status?.isSocket() === true) return [path];
      return status?.isDirectory() === true ? socketsBelow(path, depth + 1) : [];
    });
  } catch {
    return [];
  }
}

/** Every Debian has perl, and perl has every system call. */
export const perl = (script: string): boolean => spawnSync('perl', ['-e', script], { timeout: 5_000 }).status === 0;
