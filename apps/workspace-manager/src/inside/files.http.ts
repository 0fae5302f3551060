import { FileKind } from '@aileron/contracts/grpc';
import {
  GitStatus,
  type FileContent,
  type FilesChange,
  type FileEntry,
  type GitDiff,
  type ListFilesResponse,
  type SaveFileResponse,
  type WorkspaceStats,
} from '@aileron/contracts/workspace';
import { timestampDate, type Timestamp } from '@bufbuild/protobuf/wkt';
import { Controller, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { EventSources } from '../routes/event-source.js';
import { Input, Serves, type RouteInput } from '../routes/serves.js';
import { StreamSources } from '../routes/stream-sources.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import { insideAnswer } from './inside-answer.js';
import { InsideClients, type RuntimeClient } from './inside-clients.js';

const FILE_MS = 15_000;
const MOST_ENTRIES = 5_000;
const MOST_FOLDERS = 1_000;
const KINDS: Readonly<Partial<Record<FileKind, FileEntry['kind']>>> = {
  [FileKind.FILE]: 'file',
  [FileKind.DIRECTORY]: 'directory',
  [FileKind.LINK]: 'link',
};

/** Files, git and use of a workspace: relayed from its runtime, whose answers are bounded here again. */
@Controller()
export class FilesHttp {
  constructor(
    @Inject(WorkspacesService) private readonly workspaces: WorkspacesService,
    @Inject(InsideClients) private readonly inside: InsideClients,
    @Inject(EventSources) private readonly events: EventSources,
    @Inject(StreamSources) sources: StreamSources,
  ) {
    sources.add('watchFiles', async ({ params }, signal) => {
      const runtime = await this.#runtime(params.workspaceId);
      return { messages: followFiles(runtime, signal) };
    });
  }

  @Serves('listFiles')
  async list(@Input() { params, query }: RouteInput<'listFiles'>): Promise<ListFilesResponse> {
    const runtime = await this.#runtime(params.workspaceId);
    const { path } = query;
    const { entries, truncated } = await runtime.listFiles({ path }, { deadlineMs: FILE_MS });
    return {
      path,
      entries: entries.slice(0, MOST_ENTRIES).map(({ name, kind, bytes, modifiedAt }) => ({
        name,
        path: path === '' ? name : `${path}/${name}`,
        kind: KINDS[kind] ?? 'other',
        bytes: Number(bytes),
        modifiedAt: isoTime(modifiedAt),
      })),
      truncated: truncated || entries.length > MOST_ENTRIES,
    };
  }

  @Serves('readFile')
  async read(@Input() { params, query }: RouteInput<'readFile'>): Promise<FileContent> {
    const runtime = await this.#runtime(params.workspaceId);
    const { content, bytes, etag, tooLarge } = await runtime.readFile({ path: query.path }, { deadlineMs: FILE_MS });
    return { path: query.path, text: tooLarge ? null : textOf(content), bytes: Number(bytes), etag };
  }

  @Serves('saveFile')
  async save(@Input() { params, body }: RouteInput<'saveFile'>): Promise<SaveFileResponse> {
    const runtime = await this.#runtime(params.workspaceId);
    const request = { path: body.path, content: Buffer.from(body.text, 'utf8'), etag: body.etag ?? '' };
    const { etag } = await runtime.writeFile(request, { deadlineMs: FILE_MS });
    return { path: body.path, bytes: request.content.byteLength, etag };
  }

  @Serves('deleteFile')
  async delete(@Input() { params, query }: RouteInput<'deleteFile'>): Promise<void> {
    const runtime = await this.#runtime(params.workspaceId);
    const { path } = query;
    const etag = query.etag ?? (await runtime.readFile({ path }, { deadlineMs: FILE_MS })).etag;
    await runtime.deleteFile({ path, etag }, { deadlineMs: FILE_MS });
  }

  @Serves('watchFiles')
  watch(@Input() input: RouteInput<'watchFiles'>, @Res() reply: FastifyReply): Promise<void> {
    return this.events.serve('watchFiles', input, reply);
  }

  @Serves('getGitStatus')
  async gitStatus(@Input() { params }: RouteInput<'getGitStatus'>): Promise<GitStatus> {
    const runtime = await this.#runtime(params.workspaceId);
    const { repository, branch, ahead, behind, files, truncated } = await runtime.getGitStatus(
      {},
      { deadlineMs: FILE_MS },
    );
    return insideAnswer(GitStatus, {
      repository,
      branch: branch === '' ? null : branch,
      ahead,
      behind,
      files: files.slice(0, MOST_ENTRIES).map(({ path, previousPath, index, worktree }) => {
        return { path, previousPath: previousPath === '' ? null : previousPath, index, worktree };
      }),
      truncated: truncated || files.length > MOST_ENTRIES,
    });
  }

  @Serves('getGitDiff')
  async gitDiff(@Input() { params, query }: RouteInput<'getGitDiff'>): Promise<GitDiff> {
    const runtime = await this.#runtime(params.workspaceId);
    const { path, staged } = query;
    const { patch, truncated } = await runtime.getGitDiff({ path: path ?? '', staged }, { deadlineMs: FILE_MS });
    return { path: path ?? null, patch: Buffer.from(patch).toString('utf8'), truncated };
  }

  @Serves('getWorkspaceStats')
  async stats(@Input() { params }: RouteInput<'getWorkspaceStats'>): Promise<WorkspaceStats> {
    const runtime = await this.#runtime(params.workspaceId);
    const stats = await runtime.getStats({}, { deadlineMs: FILE_MS });
    return {
      at: isoTime(stats.at),
      cpuPercent: Math.max(0, stats.cpuPercent),
      memoryBytes: Number(stats.memoryBytes),
      memoryLimitBytes: stats.memoryLimitBytes === 0n ? null : Number(stats.memoryLimitBytes),
      diskBytes: Number(stats.diskBytes),
      processes: stats.processes,
    };
  }

  async #runtime(workspaceId: string): Promise<RuntimeClient> {
    return this.inside.runtime(await this.workspaces.get(workspaceId));
  }
}

const isoTime = (time: Timestamp | undefined): string =>
  (time === undefined ? new Date(0) : timestampDate(time)).toISOString();

/** Null for what is no UTF-8, or holds NUL: it is no text. */
function textOf(content: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
    return text.includes('\0') ? null : text;
  } catch {
    return null;
  }
}

async function* followFiles(runtime: RuntimeClient, signal: AbortSignal): AsyncGenerator<FilesChange, void> {
  yield { type: 'live' };
  for await (const { folders, everything } of runtime.watchFiles({}, { signal, deadlineMs: LONGEST_WATCH_MS })) {
    if (everything || folders.length > MOST_FOLDERS) yield { type: 'behind' };
    else if (folders.length > 0) yield { type: 'changed', folders };
  }
}

/** A watch may say nothing for long; the reader attaches again after this. */
const LONGEST_WATCH_MS = 12 * 3_600_000;
