import { WorkspaceId, type WorkspaceListChange } from '@aileron/contracts/workspace';
import { Inject, Injectable } from '@nestjs/common';
import type { NoticeListener } from '../leader/manager-link.js';
import type { ChangeNotice } from '../workspaces/change-notice.js';
import { viewOf } from '../workspaces/workspace-view.js';
import { WorkspacesRepository } from '../workspaces/workspaces.repository.js';
import { Feed } from './feed.js';

const MOST_WAITING = 10_000;

/** What changes in the list of workspaces, for pages that show it. */
@Injectable()
export class WorkspaceListFeed implements NoticeListener {
  readonly #feeds = new Set<Feed<string>>();

  constructor(@Inject(WorkspacesRepository) private readonly workspaces: WorkspacesRepository) {}

  onNotice(notice: ChangeNotice): void {
    if (notice.type !== 'workspace' && notice.type !== 'removed') return;
    for (const feed of this.#feeds) feed.add(notice.workspaceId);
  }

  onResync(): void {
    for (const feed of this.#feeds) feed.miss();
  }

  async *follow(signal: AbortSignal): AsyncGenerator<WorkspaceListChange, void> {
    const feed = new Feed<string>(MOST_WAITING);
    this.#feeds.add(feed);
    try {
      yield { type: 'live' };
      for await (const changed of feed.batches(signal)) {
        if (changed === 'behind') yield { type: 'behind' };
        else for (const workspaceId of changed) yield await this.#change(workspaceId);
      }
    } finally {
      this.#feeds.delete(feed);
    }
  }

  async #change(id: string): Promise<WorkspaceListChange> {
    const record = await this.workspaces.find(id);
    const workspaceId = WorkspaceId.parse(id);
    return { type: 'changed', workspaceId, workspace: record === null ? null : viewOf(record) };
  }
}
