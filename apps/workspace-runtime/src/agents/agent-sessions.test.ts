import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { openPrompts } from '@aileron/contracts/agent-events';
import { Follower, newSessionId, startRuntime, type TestRuntime } from './agents.fixture.js';

jest.setTimeout(240_000);

let runtime: TestRuntime;
beforeEach(async () => {
  runtime = await startRuntime({ maxAgents: 3 });
});
afterEach(() => runtime.close());

async function begin(more: { mode?: string; resumeId?: string } = {}): Promise<Follower> {
  const agentSessionId = newSessionId();
  await runtime.client.startAgent({ agentSessionId, agent: 'fake', ...more });
  return new Follower(runtime.client, agentSessionId).idle();
}

const send = ({ agentSessionId }: Follower, text: string, messageId: string = randomUUID()) =>
  runtime.client.sendMessage({ agentSessionId, messageId, text });

describe('agents of a workspace', () => {
  it('are started, talked to and followed', async () => {
    expect((await runtime.client.describe({})).agents).toMatchObject([{ kind: 'fake', title: 'Fake agent' }]);
    const follower = await begin();
    expect(await send(follower, '/say hello')).toMatchObject({ queued: false });
    await follower.until((each) => each.said().includes('hello') && each.view.state === 'idle');
    expect(follower.numbers).toEqual(follower.numbers.map((_, index) => index + 1));
  });

  it('start once under an id, and take a message once', async () => {
    const follower = await begin();
    const { agentSessionId } = follower;
    expect(await runtime.client.startAgent({ agentSessionId, agent: 'fake' })).toMatchObject({ started: false });
    const messageId = randomUUID();
    for (let times = 0; times < 3; times += 1) await send(follower, '/say once', messageId);
    await send(follower, '/say last');
    await follower.until((each) => each.said().includes('last') && each.view.state === 'idle');
    expect(follower.said()).toEqual(['once', 'last']);
  });

  it('ask, and do what was allowed, with the answer remembered', async () => {
    const follower = await begin();
    const { agentSessionId } = follower;
    await send(follower, '/write a.txt one');
    await follower.until(({ view }) => openPrompts(view).length === 1);
    const [prompt] = openPrompts(follower.view);
    const promptId = prompt?.promptId ?? '';
    const suggestionIds =
      prompt?.request.type === 'permission-request' ? prompt.request.suggestions.map(({ id }) => id) : [];
    await runtime.client.answerPrompt({ agentSessionId, promptId, allow: true, suggestionIds });
    await follower.idle();
    await send(follower, '/write b.txt two');
    await follower.until(({ view }) => view.state === 'idle' && existsSync(join(runtime.project, 'b.txt')));
    expect(await readFile(join(runtime.project, 'a.txt'), 'utf8')).toBe('one');
    await expect(runtime.client.answerPrompt({ agentSessionId, promptId, allow: true })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('are answered by the text of their question', async () => {
    const follower = await begin();
    await send(follower, '/ask Which?|red|blue');
    await follower.until(({ view }) => openPrompts(view).length === 1);
    const promptId = openPrompts(follower.view)[0]?.promptId ?? '';
    const { agentSessionId } = follower;
    await runtime.client.answerPrompt({ agentSessionId, promptId, allow: true, answers: { 'Which?': 'blue' } });
    await follower.until(({ view, said }) => view.state === 'idle' && said.call(follower).join().includes('blue'));
  });

  it('stop when they are interrupted, with what they started, and go on with the queue', async () => {
    const follower = await begin({ mode: 'bypass' });
    await send(follower, '/run touch begun; sleep 300; touch never');
    await follower.until(({ view }) => view.state === 'working' && view.items.some(({ type }) => type === 'tool'));
    expect(await send(follower, '/say next')).toMatchObject({ queued: true });
    await runtime.client.interrupt({ agentSessionId: follower.agentSessionId });
    await follower.until((each) => each.said().includes('next') && each.view.state === 'idle');
    expect(existsSync(join(runtime.project, 'never'))).toBe(false);
  });

  it('end, are still read, and begin another run under their id that knows what was said', async () => {
    const follower = await begin();
    const { agentSessionId } = follower;
    await send(follower, '/say the first words');
    await follower.until((each) => each.said().length === 1 && each.view.state === 'idle');
    await runtime.client.endAgent({ agentSessionId });
    await follower.until(({ view }) => view.state === 'ended');
    await expect(send(follower, '/say no')).rejects.toMatchObject({ code: 'PRECONDITION_FAILED' });
    const resumeId = follower.view.conversationId ?? '';
    expect(await runtime.client.startAgent({ agentSessionId, agent: 'fake', resumeId })).toMatchObject({
      started: true,
    });
    await follower.idle();
    await send(follower, '/recall');
    await follower.until((each) => each.said().length === 2 && each.view.state === 'idle');
    expect(follower.said()[1]).toContain('the first words');
    expect([follower.gaps, follower.snapshots]).toEqual([[], 0]);
    expect(follower.numbers).toEqual(follower.numbers.map((_, index) => index + 1));
  });

  it('go on after the runtime was started again, by the id that they gave their conversation', async () => {
    const follower = await begin();
    const { agentSessionId } = follower;
    await send(follower, '/say before');
    await follower.until((each) => each.said().length === 1 && each.view.state === 'idle');
    runtime = await runtime.restart();
    const resumeId = follower.view.conversationId ?? '';
    await runtime.client.startAgent({ agentSessionId, agent: 'fake', resumeId });
    const again = new Follower(runtime.client, agentSessionId);
    again.cursor = follower.cursor;
    await again.idle();
    expect(again.gaps).toEqual(['history-lost']);
    await send(again, '/recall');
    await again.until((each) => each.said().join().includes('before'));
  });

  it('are not more than there may be, nor of a kind that is not there', async () => {
    await Promise.all([begin(), begin(), begin()]);
    await expect(begin()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    const agentSessionId = newSessionId();
    await expect(runtime.client.startAgent({ agentSessionId, agent: 'other' })).rejects.toMatchObject({
      code: 'AGENT_UNAVAILABLE',
    });
    for (const wrong of [{ mode: 'yolo' }, { resumeId: '--help' }, { agentSessionId: '../x' }])
      await expect(runtime.client.startAgent({ agentSessionId, agent: 'fake', ...wrong })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      });
    const unknown = runtime.client.attachAgent({ agentSessionId: 'ags_unknown' })[Symbol.asyncIterator]().next();
    await expect(unknown).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('followers of an agent', () => {
  it('miss and repeat nothing when they are cut off 200 times while it talks', async () => {
    const follower = await begin();
    const text = Array.from({ length: 1_500 }, (_, index) => `w${index}`).join(' ');
    for (let turn = 0; turn < 3; turn += 1) await send(follower, `/say ${text}`);
    const isOver = (each: Follower): boolean =>
      each.said().filter((said) => said === text).length === 3 && each.view.state === 'idle';
    let random = 42;
    for (let cut = 0; cut < 200 && !isOver(follower); cut += 1) {
      random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
      await follower.until(isOver, 1 + (random % 5));
    }
    await follower.until(isOver);
    expect([follower.gaps, follower.snapshots]).toEqual([[], 0]);
    expect(follower.numbers).toEqual(follower.numbers.map((_, index) => index + 1));
    const late = await new Follower(runtime.client, follower.agentSessionId).until(isOver);
    expect(late.view).toEqual(follower.view);
  });

  it('are shown a snapshot when they come late to a long conversation, and see the same', async () => {
    const follower = await begin({ mode: 'bypass' });
    const text = Array.from({ length: 1_500 }, (_, index) => `w${index}`).join(' ');
    for (let turn = 0; turn < 3; turn += 1) await send(follower, `/say ${text}`);
    const isOver = (each: Follower): boolean =>
      each.said().filter((said) => said === text).length === 3 && each.view.state === 'idle';
    await follower.until(isOver);
    const late = await new Follower(runtime.client, follower.agentSessionId).until(isOver);
    expect(late.snapshots).toBeGreaterThan(0);
    expect(late.view).toEqual(follower.view);
  });
});

describe('the status of the runtime', () => {
  it('tells of its agents as they change, and again while they do not', async () => {
    const statuses = runtime.client.watchStatus({})[Symbol.asyncIterator]();
    const until = async (state: string) => {
      for (;;) {
        const { value, done } = await statuses.next();
        if (done === true) throw new Error('the status ended');
        expect(value).toMatchObject({ workspaceId: 'wsp_1', ready: true });
        if (value.agents[0]?.state === state) return value.agents[0];
      }
    };
    const follower = await begin();
    const idle = await until('idle');
    expect(idle).toMatchObject({
      conversationId: follower.view.conversationId,
      epoch: follower.place?.epoch,
      queued: 0,
    });
    await runtime.client.endAgent({ agentSessionId: follower.agentSessionId });
    await until('ended');
    await until('ended');
    await statuses.return?.();
  });

  it('is not ready before a command came back from inside, and says why', async () => {
    const broken = await startRuntime({ agentPrefix: ['/bin/sh', '-c', 'echo "no boundary here" >&2; exit 69'] });
    try {
      for await (const { ready, reason, message } of broken.client.watchStatus({})) {
        expect(ready).toBe(false);
        if (reason !== 'BOUNDARY_BROKEN') continue;
        expect(message).toContain('no boundary here');
        break;
      }
    } finally {
      await broken.close();
    }
  });

  it('is told to so many at once', async () => {
    const watching = Array.from({ length: 16 }, () => runtime.client.watchStatus({})[Symbol.asyncIterator]());
    await Promise.all(watching.map((each) => each.next()));
    const one = runtime.client.watchStatus({})[Symbol.asyncIterator]();
    await expect(one.next()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    for (const each of watching) await each.return?.();
  });
});
