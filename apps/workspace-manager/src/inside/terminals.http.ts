import { setTimeout as delay } from 'node:timers/promises';
import type { Terminal } from '@aileron/contracts/grpc';
import {
  TerminalId,
  TerminalInput,
  WorkspaceId,
  type ListTerminalsResponse,
  type TerminalNotice,
  type TerminalView,
} from '@aileron/contracts/workspace';
import { AileronError } from '@aileron/errors';
import { CLOCK, randomId, type Clock } from '@aileron/service-host';
import { Controller, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Input, Serves, type RouteInput } from '../routes/serves.js';
import { StreamSources } from '../routes/stream-sources.js';
import { placeOf } from '../streams/streams.http.js';
import { WorkspacesService } from '../workspaces/workspaces.service.js';
import { insideAnswer } from './inside-answer.js';
import { InsideClients, type TerminalClient } from './inside-clients.js';

const LONGEST_WATCH_MS = 12 * 3_600_000;
const READS_AGAIN_MS = 100;

/** Terminals of a workspace: relayed, with their frames as they are. */
@Controller()
export class TerminalsHttp {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(WorkspacesService) private readonly workspaces: WorkspacesService,
    @Inject(InsideClients) private readonly inside: InsideClients,
    @Inject(StreamSources) sources: StreamSources,
  ) {
    sources.add('attachTerminal', async ({ params, query }, signal) => {
      const terminals = await this.#terminals(params.workspaceId);
      const { terminalId } = params;
      await assertOpen(terminals, terminalId);
      const place = placeOf(query);
      const from = place === null ? {} : { from: { epoch: place.epoch, seq: BigInt(place.seq) } };
      const attached = terminals.attachTerminal({ terminalId, ...from }, { signal, deadlineMs: LONGEST_WATCH_MS });
      return { messages: framesOf(attached), onInput: (text) => relayInput(terminals, terminalId, text, signal) };
    });
  }

  @Serves('openTerminal')
  async open(@Input() { params, body }: RouteInput<'openTerminal'>): Promise<TerminalView> {
    const terminals = await this.#terminals(params.workspaceId);
    const { columns, rows, title = 'Terminal' } = body;
    const { terminal } = await terminals.openTerminal({
      terminalId: terminalIdAt(this.clock.now()),
      title,
      columns,
      rows,
    });
    if (terminal === undefined) throw new AileronError('INTERNAL');
    return this.#view(params.workspaceId, terminal);
  }

  @Serves('listTerminals')
  async list(@Input() { params }: RouteInput<'listTerminals'>): Promise<ListTerminalsResponse> {
    const { terminals } = await (await this.#terminals(params.workspaceId)).listTerminals({});
    return { terminals: terminals.slice(0, 64).map((terminal) => this.#view(params.workspaceId, terminal)) };
  }

  @Serves('closeTerminal')
  async close(@Input() { params }: RouteInput<'closeTerminal'>): Promise<void> {
    await (await this.#terminals(params.workspaceId)).closeTerminal({ terminalId: params.terminalId });
  }

  /** Over plain HTTP there is nothing to attach to. */
  @Serves('attachTerminal')
  attach(@Input() _input: RouteInput<'attachTerminal'>, @Res() reply: FastifyReply): void {
    void reply.header('upgrade', 'websocket');
    throw new AileronError('PRECONDITION_FAILED', { reason: 'websocket-only' });
  }

  #view(workspaceId: string, terminal: Terminal): TerminalView {
    return {
      terminalId: insideAnswer(TerminalId, terminal.terminalId),
      workspaceId: WorkspaceId.parse(workspaceId),
      title: terminal.title,
      columns: terminal.columns,
      rows: terminal.rows,
      exitCode: terminal.exited ? terminal.exitCode : null,
      createdAt: createdAtOf(terminal.terminalId),
    };
  }

  async #terminals(workspaceId: string): Promise<TerminalClient> {
    return this.inside.terminal(await this.workspaces.get(workspaceId));
  }
}

/** A terminal's id begins with when it was opened, for its service keeps no time. */
const terminalIdAt = (now: number): string => randomId(`trm_${now.toString(36)}`);
const createdAtOf = (terminalId: string): string =>
  new Date(Math.min(Number.parseInt(/^trm_([0-9a-z]{1,9})_/.exec(terminalId)?.[1] ?? '0', 36), MAX_TIME)).toISOString();
const MAX_TIME = 253_402_300_799_999;

async function assertOpen(client: TerminalClient, terminalId: string): Promise<void> {
  const { terminals } = await client.listTerminals({});
  if (!terminals.some((terminal) => terminal.terminalId === terminalId)) {
    throw new AileronError('NOT_FOUND', { terminalId });
  }
}

async function* framesOf(attached: AsyncIterable<{ frame: Uint8Array }>): AsyncGenerator<Uint8Array, void> {
  for await (const { frame } of attached) yield frame;
}

/** The answer: that numbered input is typed. */
async function relayInput(
  client: TerminalClient,
  terminalId: string,
  text: string,
  signal: AbortSignal,
): Promise<TerminalNotice | undefined> {
  const input = TerminalInput.parse(JSON.parse(text));
  if (input.type === 'resize') {
    await client.resizeTerminal({ terminalId, columns: input.columns, rows: input.rows }).catch(unlessEnded);
    return undefined;
  }
  const { data, writer = '', number = 0 } = input;
  const request = { terminalId, data: Buffer.from(data, 'utf8'), writer, number };
  await onceItReads(() => client.writeTerminal(request), signal).catch(unlessEnded);
  return writer === '' ? undefined : { type: 'accepted', number };
}

/** A program that does not read keeps waiting who types into it, as long as he is there, and nobody else. */
async function onceItReads(write: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await write();
      return;
    } catch (error) {
      if (!AileronError.is(error, 'RATE_LIMITED')) throw error;
      await delay(READS_AGAIN_MS, undefined, { signal });
    }
  }
}

/** What is typed into a program that has ended goes nowhere: its reader sees the end, and is not cut off. */
function unlessEnded(error: unknown): void {
  if (!AileronError.is(error) || error.code !== 'PRECONDITION_FAILED') throw error;
}
