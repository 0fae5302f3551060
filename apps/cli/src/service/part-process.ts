import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { inheritedEnvironment } from '@aileron/config';
import { AileronError } from '@aileron/errors';
import type { ReadyLine } from '@aileron/service-host';
import type { Logger } from '@aileron/telemetry';
import { z } from 'zod';
import { ENGINE_ENVIRONMENT, ENGINE_OPTIONS } from './engine-options.js';

export interface PartProcessOptions {
  readonly name: string;
  /** Path of its main.js. */
  readonly main: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly logger: Logger;
  /** It is ready, for the first time or anew. */
  readonly onReady: (line: ReadyLine) => void;
}

const READY_WITHIN_MS = 30_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** After so long alive, a death is a new one. */
const SETTLED_MS = 10_000;
const END_WITHIN_MS = 15_000;

const Refusal = z.object({
  ready: z.literal(false),
  error: z.object({ code: z.string(), details: z.record(z.string(), z.unknown()) }),
});

/** One part as a process of its own. When it dies it is started again, at growing intervals, until it is told to end. */
export class PartProcess {
  #child: ChildProcess | null = null;
  #ending = false;
  #pauseMs = FIRST_PAUSE_MS;
  #again: NodeJS.Timeout | null = null;
  #starting: Promise<void> = Promise.resolve();

  constructor(private readonly options: PartProcessOptions) {}

  /** @throws AileronError of the part itself when it refuses to start; DEADLINE_EXCEEDED */
  async start(): Promise<void> {
    const startedAt = Date.now();
    const child = this.#spawn();
    this.#child = child;
    const line = await this.#untilReady(child).catch(async (error: unknown) => {
      await end(child);
      throw error;
    });
    this.options.onReady(line);
    child.once('exit', (code, signal) => this.#died(startedAt, { code, signal }));
    if (child.exitCode !== null || child.signalCode !== null) this.#died(startedAt, {});
  }

  /** For good: what is being started again just now ends too. */
  async stop(): Promise<void> {
    this.#ending = true;
    if (this.#again !== null) clearTimeout(this.#again);
    if (this.#child !== null) await end(this.#child);
    await this.#starting;
  }

  #spawn(): ChildProcess {
    const { main, environment } = this.options;
    // Its standard input ends when we do, however we do; its log goes where ours goes.
    return spawn(process.execPath, [...ENGINE_OPTIONS, '--enable-source-maps', main, '--end-with-stdin'], {
      env: inheritedEnvironment({ ...ENGINE_ENVIRONMENT, ...environment }),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
  }

  async #untilReady(child: ChildProcess): Promise<ReadyLine> {
    const { name } = this.options;
    const { promise, resolve, reject } = Promise.withResolvers<ReadyLine>();
    const timer = setTimeout(() => reject(new AileronError('DEADLINE_EXCEEDED', { waitedFor: name })), READY_WITHIN_MS);
    child.once('error', (cause) => reject(new AileronError('UNAVAILABLE', { service: name }, { cause })));
    child.once('exit', (exitCode) => reject(new AileronError('UNAVAILABLE', { service: name, exitCode })));
    child.stdin?.on('error', () => undefined);
    if (child.stdout) {
      createInterface({ input: child.stdout }).once('line', (line) => {
        try {
          resolve(readLine(line));
        } catch (error) {
          reject(error);
        }
      });
    }
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  #died(startedAt: number, fields: { code?: number | null; signal?: NodeJS.Signals | null }): void {
    if (this.#ending || this.#again !== null) return;
    const { name, logger } = this.options;
    if (Date.now() - startedAt > SETTLED_MS) this.#pauseMs = FIRST_PAUSE_MS;
    logger.warn({ part: name, ...fields, againInMs: this.#pauseMs }, 'part.died');
    this.#again = setTimeout(() => {
      this.#starting = this.#startAgain();
    }, this.#pauseMs);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  async #startAgain(): Promise<void> {
    this.#again = null;
    const startedAt = Date.now();
    try {
      await this.start();
    } catch (error) {
      if (this.#ending) return;
      this.options.logger.error({ part: this.options.name, code: AileronError.from(error).code }, 'part.not-started');
      this.#died(startedAt, {});
    }
  }
}

/** SIGTERM, and SIGKILL when that does not end it. */
async function end(child: ChildProcess): Promise<void> {
  // One that could not be started has no end either.
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
  await ended;
  clearTimeout(timer);
}

/** What the part says on its standard output. @throws AileronError the part's own */
function readLine(line: string): ReadyLine {
  const value: unknown = JSON.parse(line);
  const refusal = Refusal.safeParse(value);
  if (!refusal.success) return value as ReadyLine;
  const { code, details } = refusal.data.error;
  throw new AileronError(code as AileronError['code'], details as AileronError['details']);
}
