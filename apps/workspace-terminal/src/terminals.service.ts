import { randomUUID } from 'node:crypto';
import { AileronError } from '@aileron/errors';
import { BYTES_CODEC, type Delivery, EventLog, MemoryStorage, type StreamPosition } from '@aileron/event-log';
import { LOGGER } from '@aileron/service-host';
import type { Logger } from '@aileron/telemetry';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { CONFIG, type WorkspaceTerminalConfig } from './config.js';
import { type TerminalLog, type TerminalSize, WorkspaceTerminal } from './workspace-terminal.js';

export type TerminalView = WorkspaceTerminal['view'];

/** Newest output in memory, of each terminal; a reader that is further behind gets the screen. */
const LOG_BYTES = 4 << 20;

/** Events are made for the log and belong to it: they need no copy, and a terminal has many megabytes of them. */
const CODEC: typeof BYTES_CODEC = { ...BYTES_CODEC, encodeEvent: (bytes) => bytes };

/** The terminals of this workspace. */
@Injectable()
export class TerminalsService implements OnModuleDestroy {
  readonly #terminals = new Map<string, WorkspaceTerminal>();
  readonly #log: TerminalLog = new EventLog({
    storage: new MemoryStorage(),
    codec: CODEC,
    newEpoch: () => `trm-${randomUUID()}`,
    limits: { recentBytes: LOG_BYTES },
    onFault: ({ cause }) => this.logger.error({ err: cause }, 'terminal.log-failed'),
  });

  constructor(
    @Inject(CONFIG) private readonly config: WorkspaceTerminalConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** The terminal of this id; made when there is none. RATE_LIMITED: there are too many */
  open(input: TerminalSize & { readonly terminalId: string; readonly title: string }): TerminalView {
    const { maxTerminals, command, workingDirectory, environment, scrollback } = this.config;
    const known = this.#terminals.get(input.terminalId);
    if (known !== undefined) return known.view;
    if (this.#terminals.size >= maxTerminals) throw new AileronError('RATE_LIMITED', { maxTerminals });
    const options = { ...input, command, workingDirectory, environment: terminalEnvironment(environment), scrollback };
    const terminal = new WorkspaceTerminal(options, this.#log, (error) =>
      this.logger.error({ err: error, terminalId: input.terminalId }, 'terminal.append-failed'),
    );
    this.#terminals.set(input.terminalId, terminal);
    return terminal.view;
  }

  list(): TerminalView[] {
    return [...this.#terminals.values()].map(({ view }) => view);
  }

  /** @throws AileronError NOT_FOUND */
  find(terminalId: string): WorkspaceTerminal {
    const terminal = this.#terminals.get(terminalId);
    if (terminal === undefined) throw new AileronError('NOT_FOUND', { terminalId });
    return terminal;
  }

  async *attach(
    terminalId: string,
    from: StreamPosition | null,
    signal: AbortSignal,
  ): AsyncGenerator<Delivery<Uint8Array, Uint8Array>, void> {
    const terminal = this.find(terminalId);
    if (from === null) await terminal.prepareForNewcomer();
    yield* this.#log.attach(terminalId, from, signal);
  }

  async close(terminalId: string): Promise<void> {
    const terminal = this.find(terminalId);
    await terminal.close();
    this.#terminals.delete(terminalId);
    await this.#log.remove(terminalId);
  }

  async onModuleDestroy(): Promise<void> {
    await Promise.all([...this.#terminals.values()].map((terminal) => terminal.close()));
    await this.#log.close();
  }
}

const terminalEnvironment = (environment: Readonly<Record<string, string>>): Record<string, string> => ({
  LANG: 'C.UTF-8',
  COLORTERM: 'truecolor',
  ...environment,
  TERM: 'xterm-256color',
});
