import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ManagerPlace, type RunningManager } from '../testing/running-manager.fixture.js';
import { StreamReader } from '../testing/stream-reader.fixture.js';
import { waitUntil } from '../testing/wait-until.fixture.js';

jest.setTimeout(240_000);

let place: ManagerPlace;
let manager: RunningManager;
const readers: StreamReader[] = [];

beforeAll(async () => {
  place = await ManagerPlace.make();
  manager = await place.start();
});
afterAll(async () => {
  for (const reader of readers) reader.close();
  await place.remove();
});

function follow(kind: 'overEvents' | 'overWebSocket', path: string, of = manager): StreamReader {
  const reader = StreamReader[kind](`${of.url}${path}`);
  readers.push(reader);
  return reader;
}

const phasesOf = (reader: StreamReader): unknown[] => [
  ...new Set(
    reader.events.flatMap(({ event }) =>
      event['type'] === 'changed' ? [(event['workspace'] as { phase: string }).phase] : [],
    ),
  ),
];

describe('the stream of a workspace', () => {
  it.each(['overEvents', 'overWebSocket'] as const)('tells every change and line once, %s', async (kind) => {
    const { workspaceId } = await manager.create(`stream-${kind.toLowerCase()}`);
    const path = `/api/v1/workspaces/${workspaceId}/events`;
    const reader = follow(kind, path);
    await reader.until(() => phasesOf(reader).includes('running'));
    await reader.until(() => reader.events.some(({ event }) => event['type'] === 'line'));
    expect(phasesOf(reader)).toEqual(['creating', 'running']);
    expect(reader.events.map(({ seq }) => seq)).toEqual(reader.events.map((_, index) => index + 1));

    reader.close();
    const resumed = follow(kind, `${path}?${reader.place}`);
    await resumed.until((messages) => messages.some(({ type }) => type === 'live'));
    await manager.call('POST', `/api/v1/workspaces/${workspaceId}/stop`);
    await resumed.until(() => phasesOf(resumed).includes('stopped'));
    expect(resumed.events[0]?.seq).toBeGreaterThan(reader.events.at(-1)?.seq ?? Infinity);

    await manager.call('DELETE', `/api/v1/workspaces/${workspaceId}`);
    await resumed.until((messages) => messages.some((message) => message.type === 'end'));
    expect(resumed.messages.at(-1)).toEqual({ type: 'end', reason: 'removed' });
    await waitUntil(() => resumed.ended);
  });

  it('is refused where there is none, and to a page of another origin', async () => {
    const none = follow('overWebSocket', '/api/v1/workspaces/wsp_none/events');
    await waitUntil(() => none.ended);
    expect(none.messages).toEqual([]);
    expect(await manager.call('GET', '/api/v1/workspaces/wsp_none/events')).toMatchObject({ status: 404 });
    const evil = StreamReader.overWebSocket(`${manager.url}/api/v1/workspaces/events`, {
      origin: 'http://evil.example',
    });
    await waitUntil(() => evil.ended);
    expect(evil.messages).toEqual([]);
  });
});

describe('what changes in the list', () => {
  it('is told through another manager too, up to the removal', async () => {
    const other = await place.start();
    const reader = follow('overWebSocket', '/api/v1/workspaces/events', other);
    await reader.until((messages) => messages.some(({ type }) => type === 'live'));
    const { workspaceId } = await manager.running_('listed');
    const told = () => reader.messages.filter((message) => message['workspaceId'] === workspaceId);
    await reader.until(() => told().some(({ workspace }) => (workspace as { phase: string }).phase === 'running'));
    await manager.call('DELETE', `/api/v1/workspaces/${workspaceId}`);
    await reader.until(() => told().at(-1)?.['workspace'] === null);
    await other.close();
    await waitUntil(() => reader.ended);
  });
});
