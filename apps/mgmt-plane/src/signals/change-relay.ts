import { randomUUID } from 'node:crypto';
import type { SessionConnection } from '@aileron/database/mgmt';
import { LOGGER } from '@aileron/service-host';
import type { Logger } from '@aileron/telemetry';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { z } from 'zod';
import { type Timer, TIMER } from '../ports/timer.js';
import { ChangeNoticesRepository } from './change-notices.repository.js';
import { ChangeSignal } from './change-signal.js';

const RECONNECT_MS = 1_000;
/** Fits a notice; of more, the rest is in the next one. */
const MOST_TOPICS = 50;

const Notice = z.object({ from: z.string().max(64), topics: z.array(z.string().max(128)).max(MOST_TOPICS) });

/**
 * Tells the other processes of this service what changed, and hears it from them. What a notice does not reach (the
 * database is away, a process has just started) the waiters find by themselves at their next look.
 */
@Injectable()
export class ChangeRelay implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #self = randomUUID();
  readonly #unsaid = new Set<string>();
  #sending: Promise<void> | null = null;
  #connection: SessionConnection | null = null;
  #cancelRetry: (() => void) | null = null;
  #connecting: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    @Inject(TIMER) private readonly timer: Timer,
    @Inject(LOGGER) private readonly log: Logger,
    @Inject(ChangeNoticesRepository) private readonly notices: ChangeNoticesRepository,
    @Inject(ChangeSignal) private readonly changes: ChangeSignal,
  ) {}

  /** Whether it hears the others. */
  get listening(): boolean {
    return this.#connection !== null;
  }

  onApplicationBootstrap(): void {
    this.changes.tellOthers = (topics) => this.#tell(topics);
    this.#connect();
  }

  async onModuleDestroy(): Promise<void> {
    this.#stopped = true;
    this.changes.tellOthers = null;
    this.#cancelRetry?.();
    await this.#connecting;
    await this.#connection?.close();
    await this.#sending;
  }

  #connect(): void {
    this.#connecting = this.#listen().catch((error: unknown) => {
      this.log.warn({ err: error }, 'changes.listen-failed');
      this.#retry();
    });
  }

  async #listen(): Promise<void> {
    const connection = await this.notices.listen((payload) => this.#hear(payload));
    this.#connection = connection;
    void connection.lost.then(() => {
      this.#connection = null;
      if (!this.#stopped) this.#retry();
    });
    // What was said in between is lost: everybody looks.
    this.changes.wakeAll();
  }

  #retry(): void {
    if (this.#stopped) return;
    this.#cancelRetry = this.timer.after(RECONNECT_MS, () => this.#connect());
  }

  #hear(payload: string): void {
    const notice = readNotice(payload);
    if (notice !== null && notice.from !== this.#self) this.changes.wake(...notice.topics);
  }

  #tell(topics: readonly string[]): void {
    for (const topic of topics) this.#unsaid.add(topic);
    this.#sending ??= this.#send().finally(() => (this.#sending = null));
  }

  /** One notice at a time; what comes meanwhile is one more. */
  async #send(): Promise<void> {
    while (this.#unsaid.size > 0) {
      const topics = [...this.#unsaid].slice(0, MOST_TOPICS);
      for (const topic of topics) this.#unsaid.delete(topic);
      try {
        await this.notices.send(JSON.stringify({ from: this.#self, topics }));
      } catch (error) {
        this.log.warn({ err: error }, 'changes.notify-failed');
        this.#unsaid.clear();
      }
    }
  }
}

function readNotice(payload: string): z.infer<typeof Notice> | null {
  try {
    return Notice.parse(JSON.parse(payload));
  } catch {
    return null;
  }
}
