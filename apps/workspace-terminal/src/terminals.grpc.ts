import { type TerminalService } from '@aileron/contracts/grpc';
import { AileronError } from '@aileron/errors';
import { encodeByteFrame, StreamPosition } from '@aileron/event-log';
import type { CallContext, ServiceImpl } from '@aileron/service-host';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { TerminalsStatus } from './terminals-status.js';
import { TerminalsService, type TerminalView } from './terminals.service.js';

type Methods = ServiceImpl<typeof TerminalService>;
type Request<M extends keyof Methods> = Parameters<Methods[M]>[0];

const LONGEST_INPUT_BYTES = 65_536;
const Size = { columns: z.int().min(2).max(1_000), rows: z.int().min(1).max(500) };
const TerminalId = z.string().regex(/^trm_[0-9A-Za-z_-]{1,60}$/, 'must be an id that starts with trm_');
const Open = z.object({ terminalId: TerminalId, title: z.string().max(100), ...Size });
const Numbered = z.object({ writer: z.string().max(64), number: z.int().min(1) });
const Resize = z.object({ terminalId: TerminalId, ...Size });

@Injectable()
export class TerminalsGrpc implements Methods {
  constructor(
    @Inject(TerminalsService) private readonly terminals: TerminalsService,
    @Inject(TerminalsStatus) private readonly status: TerminalsStatus,
  ) {}

  watchStatus(_: Request<'watchStatus'>, { signal }: CallContext) {
    return this.status.watch(signal);
  }

  async openTerminal(request: Request<'openTerminal'>) {
    return { terminal: toMessage(this.terminals.open(parse(Open, request))) };
  }

  async listTerminals() {
    return { terminals: this.terminals.list().map(toMessage) };
  }

  async writeTerminal({ terminalId, data, writer, number }: Request<'writeTerminal'>) {
    if (data.length > LONGEST_INPUT_BYTES)
      throw new AileronError('PAYLOAD_TOO_LARGE', { limitBytes: LONGEST_INPUT_BYTES });
    const terminal = this.terminals.find(terminalId);
    if (writer === '') terminal.write(data);
    else terminal.writeOnce(data, parse(Numbered, { writer, number }));
    return {};
  }

  async resizeTerminal(request: Request<'resizeTerminal'>) {
    const { terminalId, ...size } = parse(Resize, request);
    this.terminals.find(terminalId).resize(size);
    return {};
  }

  async closeTerminal({ terminalId }: Request<'closeTerminal'>) {
    await this.terminals.close(terminalId);
    return {};
  }

  async *attachTerminal({ terminalId, from }: Request<'attachTerminal'>, { signal }: CallContext) {
    const place = from === undefined ? null : parse(StreamPosition, { epoch: from.epoch, seq: Number(from.seq) });
    for await (const delivery of this.terminals.attach(terminalId, place, signal))
      yield { frame: encodeByteFrame(delivery) };
  }
}

const toMessage = ({ exitCode, ...view }: TerminalView) => ({
  ...view,
  exited: exitCode !== null,
  exitCode: exitCode ?? 0,
});

/** @throws AileronError INVALID_ARGUMENT with the fields */
function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }));
  throw new AileronError('INVALID_ARGUMENT', { fields });
}
