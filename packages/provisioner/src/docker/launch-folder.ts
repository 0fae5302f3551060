import { chown, mkdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AileronError } from '@aileron/errors';
import {
  connectorContents,
  seccompFilter,
  trustBundle,
  writePlatformFolder,
  type ConnectorContents,
} from '@aileron/sandbox';
import type { WorkspaceEndpoints, WorkspaceLaunch } from '../provisioner.port.js';
import { PLACES, USERS } from './inside.js';
import { openToAll } from './open-to-all.js';
import { partConfigurations, type PartInput } from './part-configuration.js';

/** sockaddr_un, unix(7): 108 bytes with the NUL at the end. */
const LONGEST_SOCKET_PATH = 107;

/** What one launch finds from outside: the parts' own folder, and what everybody inside may read. */
export class LaunchFolder {
  readonly path: string;

  constructor(directory: string, workspaceId: string, launch: number) {
    this.path = join(directory, workspaceId, String(launch));
  }

  get parts(): string {
    return join(this.path, 'run');
  }

  /** Of files that are mounted read-only. */
  open(name: string): string {
    return join(this.path, 'open', name);
  }

  socketOf(component: 'runtime' | 'terminal'): string {
    return join(this.parts, `${component}.sock`);
  }

  get endpoints(): WorkspaceEndpoints {
    return { runtime: `unix:${this.socketOf('runtime')}`, terminal: `unix:${this.socketOf('terminal')}` };
  }

  /** Writes all of it anew. @throws AileronError HOME_PATH_TOO_LONG, SANDBOX_UNAVAILABLE (a session without certificate) */
  async write(launch: WorkspaceLaunch, input: PartInput): Promise<void> {
    if (Buffer.byteLength(this.socketOf('terminal')) > LONGEST_SOCKET_PATH) {
      throw new AileronError('HOME_PATH_TOO_LONG', { limitBytes: LONGEST_SOCKET_PATH });
    }
    await this.remove();
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    await this.#writeOpen(launch, connectorContents(input.connectors), input.promptHint);
    await this.#writeParts(launch, input);
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }

  async #writeOpen(launch: WorkspaceLaunch, contents: ConnectorContents, promptHint: string): Promise<void> {
    const { session } = launch;
    const sessionJson = {
      sessionId: session.sessionId,
      token: session.agentToken.exposeString(),
      proxyPort: PLACES.proxyPort,
    };
    const settings = {
      'session.json': JSON.stringify(sessionJson),
      'actions.json': contents.actionsJson,
      'tools.txt': contents.toolsText,
      'prompt-hint.txt': `${promptHint}\n`,
    };
    const certificates = await trustBundle(session.runtimeDirectory);
    await this.#folder('settings', settings);
    await this.#folder('runtime', { 'ca.pem': certificates });
    await this.#folder('etc', { 'ca-certificates.crt': certificates, 'resolv.conf': '' });
    await writePlatformFolder(this.open('platform'), contents.shims);
    const filter = seccompFilter(process.arch === 'arm64' ? 'arm64' : 'x64');
    await writeFile(this.open('platform/lib/seccomp.bpf'), filter);
    const node = this.open('platform/bin/node');
    await rm(node);
    await symlink(PLACES.node, node);
    await openToAll(this.open('.'));
  }

  async #folder(name: string, files: Readonly<Record<string, string>>): Promise<void> {
    await mkdir(this.open(name), { recursive: true });
    for (const [file, content] of Object.entries(files)) await writeFile(join(this.open(name), file), content);
  }

  async #writeParts(launch: WorkspaceLaunch, input: PartInput): Promise<void> {
    await mkdir(this.parts, { mode: 0o700 });
    const paths = [this.parts];
    for (const [component, configuration] of Object.entries(partConfigurations(launch, input))) {
      const path = join(this.parts, `${component}.json`);
      await writeFile(path, JSON.stringify(configuration), { mode: 0o600, flag: 'wx' });
      paths.push(path);
    }
    if (process.getuid?.() !== 0) return;
    for (const path of paths) await chown(path, USERS.part.uid, USERS.agent.gid);
  }
}

/** Whose the session's directory is: only that user may use the proxy's socket. */
export async function ownerOf(runtimeDirectory: string): Promise<{ uid: number; gid: number }> {
  try {
    const { uid, gid } = await stat(runtimeDirectory);
    return { uid, gid };
  } catch (cause) {
    throw new AileronError('LAUNCH_FAILED', { reason: 'The session has no runtime directory.' }, { cause });
  }
}
