import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkspaceView } from '@aileron/contracts/workspace';
import type { WorkspaceClient } from '@aileron/contracts/workspace-client';
import type { Secret } from '@aileron/vault';
import type { LocalApi } from '../api/local-api.js';
import type { Home } from '../home/home.js';
import { unlockSessions } from '../vault/unlock-sessions.js';

export interface UnlockInput {
  readonly api: LocalApi;
  readonly client: WorkspaceClient;
  readonly home: Home;
  readonly passphrase: Secret;
  readonly signal: AbortSignal;
  readonly onFailure: (error: unknown) => void;
}

const TRY_AGAIN_MS = 500;

/** The demo has no person to unlock a workspace, and a passphrase of its own: each that runs locked gets its keys. */
export async function unlockNewWorkspaces(input: UnlockInput): Promise<void> {
  const { client, signal } = input;
  while (!signal.aborted) {
    try {
      for await (const change of client.watchWorkspaces({ signal })) {
        if (change.type === 'changed') await unlock(input, change.workspace === null ? [] : [change.workspace]);
        else await unlock(input, (await client.listWorkspaces({ query: { limit: 200 }, signal })).workspaces);
      }
    } catch (error) {
      if (!signal.aborted) input.onFailure(error);
    }
    await sleep(TRY_AGAIN_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function unlock(input: UnlockInput, workspaces: readonly WorkspaceView[]): Promise<void> {
  const { api, home, passphrase } = input;
  for (const { sessionId, attentionReasons } of workspaces) {
    if (sessionId === null || !attentionReasons.includes('locked')) continue;
    await unlockSessions({ api, home, passphrase, sessionId, now: new Date() });
  }
}
