// What a workspace-manager says over HTTP, played from a list: for tests of what the command line makes of it.
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WorkspaceId, type WorkspaceEvent, type WorkspaceView } from '@aileron/contracts/workspace';
import type { WorkspaceClient } from '@aileron/contracts/workspace-client';
import { workspaceApi } from '../api/workspace-api.js';

const AT = '2026-11-21T10:00:00.000Z';

export const playedWorkspace = (own: Partial<WorkspaceView> = {}): WorkspaceView => ({
  workspaceId: WorkspaceId.parse('wsp_1'),
  name: 'one',
  provisioner: 'local',
  template: null,
  phase: 'creating',
  reason: 'Create asked.',
  attention: 'idle',
  attentionReasons: [],
  conditions: [],
  steps: [],
  generation: 1,
  sessionId: null,
  firewall: {
    workspace_firewall_network_access_enabled: true,
    workspace_firewall_domain_access_mode: 'allowlist',
    workspace_firewall_allowed_domains: [],
    browser_firewall_network_access_enabled: true,
    browser_firewall_domain_access_mode: 'allowlist',
    browser_firewall_allowed_domains: [],
  },
  createdBy: 'Ada',
  createdAt: AT,
  updatedAt: AT,
  ...own,
});

export const playedStep = (
  number: number,
  own: Partial<WorkspaceView['steps'][number]> = {},
): WorkspaceView['steps'][number] => ({
  number,
  title: `Step ${number}`,
  status: 'done',
  startedAt: AT,
  endedAt: '2026-11-21T10:00:01.500Z',
  bytes: null,
  error: null,
  ...own,
});

/** One answer to an attach: these events from the place asked for, and then what. */
export interface PlayedAttach {
  readonly events: readonly WorkspaceEvent[];
  readonly after: 'cut' | 'hold' | 'removed';
}

export class PlayedManager {
  readonly client: WorkspaceClient;
  readonly attached: string[] = [];
  #seq = 0;

  private constructor(
    private readonly server: Server,
    private readonly attaches: PlayedAttach[],
    readonly listed: WorkspaceView[],
  ) {
    const { port } = server.address() as AddressInfo;
    this.client = workspaceApi({ workspaces: `http://127.0.0.1:${port}` });
  }

  static async start(input: { attaches?: PlayedAttach[]; listed?: WorkspaceView[] }): Promise<PlayedManager> {
    const server = createServer((request, response) => played.#answer(request.url ?? '', response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const played = new PlayedManager(server, [...(input.attaches ?? [])], input.listed ?? []);
    return played;
  }

  #answer(url: string, response: ServerResponse): void {
    if (!url.includes('/events')) {
      return void response.end(JSON.stringify({ workspaces: this.listed, nextCursor: null }));
    }
    this.attached.push(url);
    const attach = this.attaches.shift();
    if (attach === undefined) {
      const problem = { type: 'about:blank', title: 'gone', status: 404, code: 'NOT_FOUND' };
      return void response.writeHead(404).end(JSON.stringify(problem));
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (message: unknown) => response.write(`data: ${JSON.stringify(message)}\n\n`);
    for (const event of attach.events)
      send({ type: 'events', epoch: 'e1', events: [{ seq: (this.#seq += 1), event }] });
    if (attach.after === 'removed') send({ type: 'end', reason: 'removed' });
    if (attach.after !== 'hold') response.end();
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
