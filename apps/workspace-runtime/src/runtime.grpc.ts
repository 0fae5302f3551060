import { FileKind, type RuntimeService } from '@aileron/contracts/grpc';
import { AileronError } from '@aileron/errors';
import { type CallContext, type ServiceImpl } from '@aileron/service-host';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Inject, Injectable } from '@nestjs/common';
import { LARGEST_FILE_BYTES, ProjectFiles } from './files/project-files.js';
import { ProjectGit } from './git/project-git.js';
import { BOOT_ID, CONFIG, type WorkspaceRuntimeConfig } from './config.js';
import { WorkspaceStats } from './stats/workspace-stats.js';
import { VERSION } from './version.js';

type Methods = ServiceImpl<typeof RuntimeService>;
type Request<M extends keyof Methods> = Parameters<Methods[M]>[0];

const KINDS = { file: FileKind.FILE, directory: FileKind.DIRECTORY, link: FileKind.LINK, other: FileKind.OTHER };

/** Files, git and use of one workspace. Agents are not started here yet: those methods say so. */
@Injectable()
export class RuntimeGrpc implements Methods {
  readonly startAgent = notYet;
  readonly sendMessage = notYet;
  readonly interrupt = notYet;
  readonly answerPrompt = notYet;
  readonly endAgent = notYet;
  readonly attachAgent = notYet as Methods['attachAgent'];
  readonly watchFiles = notYet as Methods['watchFiles'];

  constructor(
    @Inject(CONFIG) private readonly config: WorkspaceRuntimeConfig,
    @Inject(BOOT_ID) private readonly bootId: string,
    @Inject(ProjectFiles) private readonly files: ProjectFiles,
    @Inject(ProjectGit) private readonly git: ProjectGit,
    @Inject(WorkspaceStats) private readonly stats: WorkspaceStats,
  ) {}

  async describe() {
    return { workspaceId: this.config.workspaceId, bootId: this.bootId, version: VERSION, agents: [] };
  }

  async listFiles({ path }: Request<'listFiles'>) {
    const { entries, truncated } = await this.files.list(path);
    return {
      entries: entries.map(({ name, kind, bytes, modifiedAt }) => ({
        name,
        kind: KINDS[kind],
        bytes: BigInt(bytes),
        modifiedAt: timestampFromDate(modifiedAt),
      })),
      truncated,
    };
  }

  async readFile({ path }: Request<'readFile'>) {
    const { content, bytes, etag } = await this.files.read(path);
    return { content: content ?? new Uint8Array(), bytes: BigInt(bytes), etag, tooLarge: content === null };
  }

  async writeFile({ path, content, etag }: Request<'writeFile'>) {
    if (content.length > LARGEST_FILE_BYTES)
      throw new AileronError('PAYLOAD_TOO_LARGE', { limitBytes: LARGEST_FILE_BYTES });
    return this.files.write(path, content, etag);
  }

  async deleteFile({ path, etag }: Request<'deleteFile'>) {
    await this.files.delete(path, etag);
    return {};
  }

  async getGitStatus(_: Request<'getGitStatus'>, { signal }: CallContext) {
    const { branch, files, ...status } = await this.git.status(signal);
    const changed = files.map(({ previousPath, ...file }) => ({ ...file, previousPath: previousPath ?? '' }));
    return { ...status, branch: branch ?? '', files: changed };
  }

  getGitDiff({ path, staged }: Request<'getGitDiff'>, { signal }: CallContext) {
    return this.git.diff({ path, staged }, signal);
  }

  async getStats() {
    const { at, memoryBytes, memoryLimitBytes, diskBytes, ...use } = await this.stats.read();
    return {
      ...use,
      at: timestampFromDate(at),
      memoryBytes: BigInt(memoryBytes),
      memoryLimitBytes: BigInt(memoryLimitBytes ?? 0),
      diskBytes: BigInt(diskBytes),
    };
  }
}

function notYet(): never {
  throw new AileronError('UNIMPLEMENTED');
}
