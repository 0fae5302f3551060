import { lstat, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AileronError } from '@aileron/errors';
import type { WorkspaceEndpoints } from '../provisioner.port.js';

const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const LAUNCH_FOLDER = /^launch-([1-9]\d{0,15})$/;
/** sockaddr_un, unix(7): 108 bytes with the NUL at the end. */
const LONGEST_SOCKET_PATH = 107;

export type PartName = 'runtime' | 'terminal';
export const PARTS: readonly PartName[] = ['runtime', 'terminal'];

/** Where everything of one workspace is. */
export class WorkspaceFolder {
  readonly path: string;

  /** @throws AileronError INVALID_ARGUMENT for an id that is no name */
  constructor(
    directory: string,
    readonly workspaceId: string,
  ) {
    if (!IDENTIFIER.test(workspaceId)) throw invalid('workspaceId', 'is not an id');
    this.path = join(directory, workspaceId);
  }

  get projectDirectory(): string {
    return join(this.path, 'volume', 'project');
  }

  get homeDirectory(): string {
    return join(this.path, 'volume', 'home');
  }

  async makeVolume(): Promise<void> {
    for (const directory of [this.projectDirectory, this.homeDirectory]) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
    }
  }

  async hasVolume(): Promise<boolean> {
    return (await isDirectory(this.projectDirectory)) && (await isDirectory(this.homeDirectory));
  }

  /** @throws AileronError INVALID_ARGUMENT */
  launch(launch: number): LaunchFolder {
    return new LaunchFolder(this.path, launch);
  }

  /** Newest last. */
  async launches(): Promise<LaunchFolder[]> {
    const names = await readdir(this.path).catch(() => []);
    const numbers = names.flatMap((name) => LAUNCH_FOLDER.exec(name)?.[1] ?? []).map(Number);
    return numbers.toSorted((one, other) => one - other).map((number) => this.launch(number));
  }
}

/** Where everything of one launch is; no command inside sees any of it. */
export class LaunchFolder {
  readonly path: string;

  constructor(
    workspacePath: string,
    readonly launch: number,
  ) {
    if (!Number.isSafeInteger(launch) || launch < 1) throw invalid('launch', 'must be a whole number from 1');
    this.path = join(workspacePath, `launch-${launch}`);
  }

  file(name: `${PartName}.${'sock' | 'json' | 'log'}` | 'plan.json' | 'record.json' | 'state' | 'nothing'): string {
    return join(this.path, name);
  }

  get endpoints(): WorkspaceEndpoints {
    return { runtime: `unix:${this.file('runtime.sock')}`, terminal: `unix:${this.file('terminal.sock')}` };
  }

  /** @throws AileronError HOME_PATH_TOO_LONG */
  assertSocketsFit(): void {
    if (Buffer.byteLength(this.file('terminal.sock')) <= LONGEST_SOCKET_PATH) return;
    throw new AileronError('HOME_PATH_TOO_LONG', { limitBytes: LONGEST_SOCKET_PATH });
  }
}

/** A link to a folder is none. */
const isDirectory = (path: string): Promise<boolean> =>
  lstat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

const invalid = (field: string, message: string): AileronError =>
  new AileronError('INVALID_ARGUMENT', { fields: [{ field, message }] });
