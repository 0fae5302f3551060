import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createWorkspaceClient } from './workspace-client.js';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close().closeAllConnections()));

async function clientOf(listener: RequestListener) {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return createWorkspaceClient({ baseUrl, fetch });
}

const at = '2026-01-01T00:00:00.000Z';
const terminal = {
  terminalId: 'trm_1',
  workspaceId: 'wsp_1',
  title: 'sh',
  columns: 80,
  rows: 24,
  exitCode: null,
  createdAt: at,
};
const params = { workspaceId: 'wsp_1' };

/** What a stream yields until it ends or throws. */
async function collect(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const messages: unknown[] = [];
  for await (const message of stream) messages.push(message);
  return messages;
}

describe('the client of the workspace plane', () => {
  it('calls a route with its path, query, body and If-Match', async () => {
    const seen: unknown[] = [];
    const client = await clientOf((request, response) => {
      seen.push([request.method, request.url, request.headers['if-match'], request.headers['content-type']]);
      response.end(JSON.stringify({ files: [], path: '', entries: [], truncated: false, ...terminal }));
    });
    await client.openTerminal({ params, body: { columns: 80, rows: 24 } }).catch(() => undefined);
    await client
      .deleteWorkspace({ params: { workspaceId: 'a/../b' }, query: { force: true }, ifMatch: 3 })
      .catch(() => undefined);
    expect(seen).toEqual([
      ['POST', '/api/v1/workspaces/wsp_1/terminals', undefined, 'application/json'],
      ['DELETE', '/api/v1/workspaces/a%2F..%2Fb?force=true', '"3"', undefined],
    ]);
  });

  it('answers with what the contract has, and refuses anything else', async () => {
    let answer: unknown = { terminals: [terminal] };
    const client = await clientOf((_, response) => response.end(JSON.stringify(answer)));
    expect(await client.listTerminals({ params })).toEqual({ terminals: [terminal] });
    answer = { terminals: [{ ...terminal, exitCode: 'none' }] };
    await expect(client.listTerminals({ params })).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  it('throws what a problem body says', async () => {
    const fields = [{ field: 'name', message: 'is taken' }];
    const problem = { type: 'https://x', title: 'taken', status: 409, code: 'CONFLICT', fields };
    const client = await clientOf((_, response) => response.writeHead(409).end(JSON.stringify(problem)));
    await expect(client.createWorkspace({ body: { name: 'a' } })).rejects.toMatchObject({ code: 'CONFLICT', fields });
    const broken = await clientOf((_, response) => response.writeHead(502).end('<html>'));
    await expect(broken.listWorkspaces()).rejects.toMatchObject({ code: 'INTERNAL', problem: { status: 502 } });
  });

  it('yields the messages of a stream, cut anywhere on the way, without signs of life', async () => {
    const view = 'zwölf';
    const text = [
      `: comment\n\nid: 1\ndata: {"type":"live"}\r\n\r\n`,
      `data: {"type":"heartbeat","at":"${at}"}\n\n`,
      `data: {"type":"changed",\ndata: "folders":["${view}"]}\n\n`,
    ].join('');
    const bytes = Buffer.from(text);
    const client = await clientOf((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const next = (offset: number): void => {
        if (offset >= bytes.length) return void response.end();
        response.write(bytes.subarray(offset, offset + 7), () => next(offset + 7));
      };
      next(0);
    });
    expect(await collect(client.watchFiles({ params }))).toEqual([
      { type: 'live' },
      { type: 'changed', folders: [view] },
    ]);
  });

  it('ends a stream with the refusal that the service sends', async () => {
    const client = await clientOf((_, response) =>
      response.end('data: {"type":"refused","code":"NOT_FOUND","message":"gone"}\n\n'),
    );
    await expect(collect(client.watchWorkspaces())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('hangs up when nobody reads on', async () => {
    let closed = (): void => undefined;
    const gone = new Promise<void>((resolve) => (closed = resolve));
    const client = await clientOf((request, response) => {
      request.once('close', () => closed());
      response.write('data: {"type":"live"}\n\n');
    });
    for await (const message of client.watchWorkspaces()) {
      expect(message).toEqual({ type: 'live' });
      break;
    }
    await gone;
  });

  it('names the socket of a stream', () => {
    const client = createWorkspaceClient({ baseUrl: 'http://localhost:3000', fetch });
    const input = { params: { workspaceId: 'wsp_1', terminalId: 'trm_1' }, query: { epoch: 'e', seq: 4 } };
    expect(client.socketUrl('attachTerminal', input)).toBe(
      'ws://localhost:3000/api/v1/workspaces/wsp_1/terminals/trm_1/attach?epoch=e&seq=4',
    );
  });
});
