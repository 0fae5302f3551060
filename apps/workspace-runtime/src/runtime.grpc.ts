import { FileKind, type RuntimeService } from '@aileron/contracts/grpc';
import { AileronError } from '@aileron/errors';
import { StreamPosition } from '@aileron/event-log';
import { type CallContext, type ServiceImpl } from '@aileron/service-host';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Inject, Injectable } from '@nestjs/common';
import { AgentKinds } from './agents/agent-kinds.js';
import { parse, readAnswer, readStart } from './agents/agent-requests.js';
import type { AgentStatusView } from './agents/agent-session.js';
import { AgentSessionsService } from './agents/agent-sessions.service.js';
import { LARGEST_FILE_BYTES, ProjectFiles } from './files/project-files.js';
import { ProjectGit } from './git/project-git.js';
import { BOOT_ID, CONFIG, type WorkspaceRuntimeConfig } from './config.js';
import { WorkspaceStats } from './stats/workspace-stats.js';
import { RuntimeStatusService } from './status/runtime-status.service.js';
import { VERSION } from './version.js';
import { ProjectWatch } from './watch/project-watch.js';

type Methods = ServiceImpl<typeof RuntimeService>;
type Request<M extends keyof Methods> = Parameters<Methods[M]>[0];

const KINDS = { file: FileKind.FILE, directory: FileKind.DIRECTORY, link: FileKind.LINK, other: FileKind.OTHER };

/** Agents, files, git and use of one workspace. */
@Injectable()
export class RuntimeGrpc implements Methods {
  constructor(
    @Inject(CONFIG) private readonly config: WorkspaceRuntimeConfig,
    @Inject(BOOT_ID) private readonly bootId: string,
    @Inject(AgentKinds) private readonly kinds: AgentKinds,
    @Inject(AgentSessionsService) private readonly agents: AgentSessionsService,
    @Inject(RuntimeStatusService) private readonly status: RuntimeStatusService,
    @Inject(ProjectFiles) private readonly files: ProjectFiles,
    @Inject(ProjectWatch) private readonly changes: ProjectWatch,
    @Inject(ProjectGit) private readonly git: ProjectGit,
    @Inject(WorkspaceStats) private readonly stats: WorkspaceStats,
  ) {}

  async describe() {
    const { workspaceId } = this.config;
    const agents = this.kinds.list().map(({ modes, ...kind }) => ({ ...kind, modes: [...modes] }));
    return { workspaceId, bootId: this.bootId, version: VERSION, agents };
  }

  async *watchStatus(_: Request<'watchStatus'>, { signal }: CallContext) {
    for await (const { agents, ...status } of this.status.watch(signal))
      yield { ...status, agents: agents.map(statusMessage) };
  }

  async startAgent(request: Request<'startAgent'>) {
    return { started: await this.agents.start(readStart(request)) };
  }

  async sendMessage({ agentSessionId, messageId, text }: Request<'sendMessage'>) {
    return { queued: this.agents.send(agentSessionId, { messageId, text }) === 'queued' };
  }

  async interrupt({ agentSessionId }: Request<'interrupt'>) {
    this.agents.interrupt(agentSessionId);
    return {};
  }

  async answerPrompt(request: Request<'answerPrompt'>) {
    this.agents.answer(request.agentSessionId, readAnswer(request));
    return {};
  }

  async endAgent({ agentSessionId }: Request<'endAgent'>) {
    this.agents.end(agentSessionId);
    return {};
  }

  async *attachAgent({ agentSessionId, from }: Request<'attachAgent'>, { signal }: CallContext) {
    const place = from === undefined ? null : parse(StreamPosition, { epoch: from.epoch, seq: Number(from.seq) });
    for await (const delivery of this.agents.attach(agentSessionId, place, signal))
      yield { delivery: Buffer.from(JSON.stringify(delivery)) };
  }

  async *watchFiles(_: Request<'watchFiles'>, { signal }: CallContext) {
    for await (const { folders, everything } of this.changes.watch(signal)) yield { folders: [...folders], everything };
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

const statusMessage = ({ at, conversationId, ...status }: AgentStatusView) => ({
  ...status,
  epoch: at?.epoch ?? '',
  lastSeq: BigInt(at?.seq ?? 0),
  conversationId: conversationId ?? '',
});
