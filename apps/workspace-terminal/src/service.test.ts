import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { TerminalService } from '@aileron/contracts/grpc';
import { decodeByteFrame } from '@aileron/event-log';
import {
  type Client,
  createClient,
  InProcessTransport,
  runServices,
  type RunningServices,
  serviceToRun,
} from '@aileron/service-host';
import { createLogger, createMetrics } from '@aileron/telemetry';
import { workspaceTerminal } from './service.js';
import { decodeTerminalEvent } from './terminal-event.js';
import { VERSION } from './version.js';

jest.setTimeout(120_000);

const SIZE = { columns: 80, rows: 24 };
const logger = createLogger({ service: 'test', level: 'silent' });
let running: RunningServices;
let terminals: Client<typeof TerminalService>;

beforeAll(async () => {
  const config = {
    workspaceId: 'wsp_1',
    command: ['/bin/bash', '--norc', '--noprofile'],
    workingDirectory: tmpdir(),
    environment: { PATH: '/usr/bin:/bin' },
  };
  running = await runServices([serviceToRun(workspaceTerminal, config)], {
    platform: (service) => ({ logger, metrics: createMetrics(service), clock: { now: () => Date.now() } }),
  });
  const transport = new InProcessTransport(running.registry, { version: VERSION, logger, peer: 'workspace-manager' });
  terminals = createClient(TerminalService, transport, { version: VERSION });
});
afterAll(() => running.close());

/** What a terminal shows until a text is in it. */
async function shownUntil(terminalId: string, text: string): Promise<{ shown: string; screens: number }> {
  let [shown, screens] = ['', 0];
  for await (const { frame } of terminals.attachTerminal({ terminalId })) {
    const delivery = decodeByteFrame(frame);
    if (delivery.type === 'snapshot') {
      screens += 1;
      shown = Buffer.from(delivery.snapshot.subarray(4)).toString();
    }
    if (delivery.type === 'events') {
      for (const { event } of delivery.events) {
        const happened = decodeTerminalEvent(event);
        if (happened.kind === 'output') shown += Buffer.from(happened.data).toString();
      }
    }
    if (shown.includes(text)) break;
  }
  return { shown, screens };
}

describe('the terminals of a workspace, over their contract', () => {
  it('are opened, typed to, shown, resized, listed and closed', async () => {
    const terminalId = 'trm_one';
    const { terminal } = await terminals.openTerminal({ terminalId, title: 'shell', ...SIZE });
    expect(terminal).toMatchObject({ terminalId, title: 'shell', exited: false });
    await terminals.resizeTerminal({ terminalId, columns: 100, rows: 30 });
    await terminals.writeTerminal({ terminalId, data: Buffer.from('stty size; echo done-$((1+1))\n') });
    expect((await shownUntil(terminalId, 'done-2')).shown).toContain('30 100');
    expect((await terminals.listTerminals({})).terminals).toMatchObject([{ terminalId, columns: 100 }]);
    await terminals.closeTerminal({ terminalId });
    await expect(terminals.closeTerminal({ terminalId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(terminals.openTerminal({ terminalId: 'x', ...SIZE })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('show a newcomer the screen rather than megabytes that are over', async () => {
    const terminalId = 'trm_much';
    await terminals.openTerminal({ terminalId, title: 'shell', ...SIZE });
    const command = 'yes "a line of the usual length" | head -c 1000000; echo over-$((1+1))\n';
    await terminals.writeTerminal({ terminalId, data: Buffer.from(command) });
    await shownUntil(terminalId, 'over-2');
    const { shown, screens } = await shownUntil(terminalId, 'over-2');
    expect(screens).toBe(1);
    expect(shown.length).toBeLessThan(800_000);
  });

  it('say that they can be used, again and again, to so many at once', async () => {
    const watching = Array.from({ length: 16 }, () => terminals.watchStatus({})[Symbol.asyncIterator]());
    for (const each of watching) expect((await each.next()).value).toMatchObject({ workspaceId: 'wsp_1', ready: true });
    await expect(terminals.watchStatus({})[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'RATE_LIMITED',
    });
    expect((await watching[0]?.next())?.value).toMatchObject({ ready: true, agents: [] });
    for (const each of watching) await each.return?.();
  });
});
