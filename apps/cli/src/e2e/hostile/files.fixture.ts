// Part of a program that is run in a workspace: what can be read, and whether a secret is in it.
import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Attempts, found, type Targets } from './attempt.fixture.js';

const OF_ANY_HOST = [
  '/etc/shadow',
  '/etc/gshadow',
  '/root',
  '/home/agent/../root',
  '/var/run/docker.sock',
  '/run/docker.sock',
  '/run/containerd/containerd.sock',
  '/run/workspace',
  '/run/proxy',
  '/var/lib/docker',
  '/var/lib/postgresql',
  '/boot',
  '/lost+found',
];
/** Programs of Debian, of ours and of the agents' makers; the kernel's. */
const PASSED_OVER =
  /^\/(usr|lib|lib32|lib64|libx32|bin|sbin|sys|boot|opt\/agents|opt\/aileron\/bin|usr\/lib\/aileron)(\/|$)/;
const OF_A_PROCESS = ['environ', 'cmdline', 'mountinfo', 'status', 'limits', 'comm', 'net/unix', 'net/tcp'];
const LARGEST_BYTES = 64 << 20;
const CHUNK_BYTES = 1 << 20;

export function fileAttempts({ paths, secrets }: Targets): Attempts {
  return {
    'files and folders of the host and of other workspaces': () => found([...OF_ANY_HOST, ...paths].filter(canBeRead)),
    'other roots through processes': () => {
      const { dev, ino } = statSync('/');
      const roots = entriesOf('/proc').map((pid) => `/proc/${pid}/root/`);
      return found(
        roots.filter((root) => canBeRead(root) && (statSync(root).dev !== dev || statSync(root).ino !== ino)),
      );
    },
    'secrets in the environment': () => {
      const expected =
        /^(AILERON_(TOKEN|API_URL|AGENT_PROCESS|WORKSPACE.*)|.*PROXY|.*proxy|npm_config_.*|.*CERT.*|.*CA.*|GRPC_.*)$/;
      const suspicious = /SECRET|PASSWORD|PASSPHRASE|DATABASE|REDIS|DOCKER|KEYCLOAK|CONFIG|CREDENTIAL|PRIVATE/i;
      return found(Object.keys(process.env).filter((name) => suspicious.test(name) && !expected.test(name)));
    },
    'secrets in any file': () => {
      const wanted = secrets.map((hex) => Buffer.from(hex, 'hex').reverse());
      const hits: string[] = [];
      for (const path of everyFile('/')) {
        const which = wanted.findIndex((bytes) => holds(path, bytes));
        if (which >= 0) hits.push(`${path} (${which})`);
      }
      return found(hits);
    },
  };
}

function canBeRead(path: string): boolean {
  try {
    if (statSync(path).isDirectory()) return readdirSync(path).length > 0;
    const descriptor = openSync(path, 'r');
    closeSync(descriptor);
    return true;
  } catch {
    return false;
  }
}

/** All that can be reached, and of each process what names or holds things. */
function* everyFile(folder: string): Generator<string> {
  for (const name of entriesOf(folder)) {
    const path = join(folder, name);
    if (folder === '/' && name === 'proc') yield* processFiles();
    else if (!PASSED_OVER.test(path)) yield* filesOf(path);
  }
}

function* filesOf(path: string): Generator<string> {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status?.isDirectory() === true) for (const name of entriesOf(path)) yield* filesOf(join(path, name));
  else if (status?.isFile() === true && status.size > 0 && status.size <= LARGEST_BYTES) yield path;
}

function* processFiles(): Generator<string> {
  for (const pid of entriesOf('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const name of OF_A_PROCESS) yield `/proc/${pid}/${name}`;
  }
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

const buffer = Buffer.alloc(CHUNK_BYTES);
let last: { path: string; content: Uint8Array } = { path: '', content: new Uint8Array() };

/** Each file is read once for all that is looked for. */
function holds(path: string, bytes: Buffer): boolean {
  if (last.path !== path) last = { path, content: contentOf(path) };
  return Buffer.from(last.content.buffer, last.content.byteOffset, last.content.length).includes(bytes);
}

function contentOf(path: string): Uint8Array {
  try {
    if (!path.startsWith('/proc/')) return readFileSync(path);
    const descriptor = openSync(path, 'r');
    try {
      return Buffer.from(buffer.subarray(0, readSync(descriptor, buffer)));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return Buffer.alloc(0);
  }
}
