import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { decodeByteFrame } from '@aileron/event-log';
import type { TerminalView } from '@aileron/contracts/workspace';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ManagerPlace, type RunningManager } from '../testing/running-manager.fixture.js';
import { StreamReader } from '../testing/stream-reader.fixture.js';
import { waitUntil } from '../testing/wait-until.fixture.js';

jest.setTimeout(240_000);

let place: ManagerPlace;
let manager: RunningManager;
let path: string;
let workspaceId: string;

beforeAll(async () => {
  place = await ManagerPlace.make();
  manager = await place.start();
  ({ workspaceId } = await manager.running_('inside'));
  path = `/api/v1/workspaces/${workspaceId}`;
  await waitUntil(async () => {
    const view = await manager.view(workspaceId);
    return view?.conditions.every(({ status }) => status === 'ready');
  });
});
afterAll(() => place.remove());

describe('the files of a workspace', () => {
  it('are listed, read, saved with a conflict named, followed and deleted', async () => {
    const watcher = StreamReader.overEvents(`${manager.url}${path}/files/events`);
    await watcher.until((messages) => messages.some(({ type }) => type === 'live'));
    const save = (text: string, etag: string | null) =>
      manager.call('PUT', `${path}/files/content`, { path: 'notes.md', text, etag });
    const saved = await save('one\n', null);
    expect(saved).toMatchObject({ status: 200, json: { path: 'notes.md', bytes: 4 } });
    const { etag } = saved.json as { etag: string };
    expect(await save('two\n', null)).toMatchObject({ status: 409 });
    expect(await manager.call('GET', `${path}/files/content?path=notes.md`)).toMatchObject({
      json: { text: 'one\n', etag },
    });
    expect(await manager.call('GET', `${path}/files?path=`)).toMatchObject({
      json: {
        entries: expect.arrayContaining([expect.objectContaining({ name: 'notes.md', kind: 'file', bytes: 4 })]),
      },
    });
    await watcher.until((messages) => messages.some(({ type }) => type === 'changed' || type === 'behind'));
    watcher.close();
    expect(await manager.call('GET', `${path}/files/content?path=../x`)).toMatchObject({ status: 400 });
    expect(await manager.call('DELETE', `${path}/files/content?path=notes.md`)).toMatchObject({ status: 204 });
    expect(await manager.call('GET', `${path}/files/content?path=notes.md`)).toMatchObject({ status: 404 });
  });

  it('have a status and a diff, and what is used is told', async () => {
    expect(await manager.call('GET', `${path}/git/status`)).toMatchObject({
      json: { repository: false, branch: null },
    });
    execFileSync('git', ['init', '-q', '-b', 'main', place.provisioner.volumeOf(workspaceId)]);
    await manager.call('PUT', `${path}/files/content`, { path: 'a.txt', text: 'x\n', etag: null });
    expect(await manager.call('GET', `${path}/git/status`)).toMatchObject({
      json: { repository: true, branch: 'main', files: [{ path: 'a.txt', index: '?', worktree: '?' }] },
    });
    expect(await manager.call('GET', `${path}/git/diff?staged=false`)).toMatchObject({
      status: 200,
      json: { path: null },
    });
    const { json } = await manager.call('GET', `${path}/stats`);
    expect((json as { memoryBytes: number }).memoryBytes).toBeGreaterThan(0);
  });

  it('are out of reach while the workspace does not run', async () => {
    const { workspaceId: other } = await manager.running_('not-running');
    await manager.call('POST', `/api/v1/workspaces/${other}/stop`);
    await manager.reached(other, 'stopped');
    const refused = await manager.call('GET', `/api/v1/workspaces/${other}/files?path=`);
    expect(refused).toMatchObject({ status: 409, json: { code: 'PRECONDITION_FAILED', reason: 'not-running' } });
  });
});

describe('the terminals of a workspace', () => {
  const screenOf = (reader: StreamReader): string =>
    reader.messages
      .flatMap((message) => (message.type === 'frame' ? [decodeByteFrame(message['data'] as Buffer)] : []))
      .flatMap((delivery) => {
        if (delivery.type === 'snapshot') return [Buffer.from(delivery.snapshot).toString('utf8')];
        return delivery.type === 'events'
          ? delivery.events.map(({ event }) => Buffer.from(event).toString('utf8'))
          : [];
      })
      .join('');

  it('are opened, typed into, left and found again, and closed', async () => {
    const opened = await manager.call('POST', `${path}/terminals`, { columns: 80, rows: 24, title: 'shell' });
    expect(opened).toMatchObject({ status: 201, json: { title: 'shell', columns: 80, exitCode: null } });
    const { terminalId, createdAt } = opened.json as TerminalView;
    expect(Math.abs(Date.parse(createdAt) - Date.now())).toBeLessThan(120_000);
    const attach = `${manager.url}${path}/terminals/${terminalId}/attach`;
    const reader = StreamReader.overWebSocket(attach);
    await reader.until((messages) => messages.some(({ type }) => type === 'frame'));
    reader.send({ type: 'resize', columns: 100, rows: 30 });
    reader.send({ type: 'input', data: 'echo one-$((20 + 22))\r' });
    await reader.until(() => screenOf(reader).includes('one-42'));
    reader.close();
    const again = StreamReader.overWebSocket(attach);
    await again.until(() => screenOf(again).includes('one-42'));
    again.close();
    expect(await manager.call('GET', `${path}/terminals`)).toMatchObject({
      json: { terminals: [{ terminalId, columns: 100, rows: 30 }] },
    });
    expect(await manager.call('GET', new URL(attach).pathname)).toMatchObject({ status: 409 });
    expect(await manager.call('DELETE', `${path}/terminals/${terminalId}`)).toMatchObject({ status: 204 });
    const gone = StreamReader.overWebSocket(attach);
    await waitUntil(() => gone.ended);
    expect(gone.messages).toEqual([]);
  });

  it('keep waiting who types more than their program reads, and lose nothing of it', async () => {
    const opened = await manager.call('POST', `${path}/terminals`, { columns: 80, rows: 24 });
    const { terminalId } = opened.json as TerminalView;
    const reader = StreamReader.overWebSocket(`${manager.url}${path}/terminals/${terminalId}/attach`);
    await reader.until((messages) => messages.some(({ type }) => type === 'frame'));
    const pieces = Array.from({ length: 40 }, (_, index) => `${index};`.padEnd(65_536, 'x'));
    const bytes = pieces.length * 65_536;
    const script = `stty raw -echo; echo ready-$((1+1)); sleep 2; head -c ${bytes} | sha256sum; stty sane\r`;
    reader.send({ type: 'input', data: script });
    await reader.until(() => screenOf(reader).includes('ready-2'));
    for (const [index, data] of pieces.entries())
      reader.send({ type: 'input', data, writer: 'page', number: index + 1 });
    await reader.until((messages) => messages.some(({ number }) => number === pieces.length));
    const hash = createHash('sha256').update(pieces.join('')).digest('hex');
    await reader.until(() => screenOf(reader).includes(hash));
    expect(reader.ended).toBe(false);
    reader.close();
  });
});
