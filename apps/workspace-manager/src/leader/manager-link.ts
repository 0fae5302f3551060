import { connectSession, type SessionConnection } from '@aileron/database/workspace';
import { LOGGER } from '@aileron/service-host';
import type { Logger } from '@aileron/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { CONFIG, type WorkspaceManagerConfig } from '../config.js';
import { NOTICE_CHANNEL, parseNotice, type ChangeNotice } from '../workspaces/change-notice.js';

const LOCK = 'aileron.workspace-manager.leader';
const LOOK_EVERY_MS = 500;
const RECONNECT_MS = 500;

/** Work that one manager does for all; it ends with the signal. */
export type Duty = (signal: AbortSignal) => Promise<void>;

export interface NoticeListener {
  onNotice(notice: ChangeNotice): void;
  /** Notices may have been lost: look at everything again. */
  onResync(): void;
}

/**
 * A manager's line to the others: a connection on which it hears what was committed, and which holds a lock. The one
 * that has the lock leads: it ticks, sweeps and watches. Its death gives the lock to the next.
 */
@Injectable()
export class ManagerLink {
  readonly #ending = new AbortController();
  readonly #listeners = new Set<NoticeListener>();
  readonly #duties: Duty[] = [];
  #finished: Promise<void> = Promise.resolve();
  #leading = false;

  constructor(
    @Inject(CONFIG) private readonly config: Pick<WorkspaceManagerConfig, 'databaseUrl'>,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  get isLeading(): boolean {
    return this.#leading;
  }

  listen(listener: NoticeListener): void {
    this.#listeners.add(listener);
  }

  addDuty(duty: Duty): void {
    this.#duties.push(duty);
  }

  start(): void {
    this.#finished = this.#run();
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#finished;
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        await this.#whileConnected();
      } catch (error) {
        this.logger.warn({ err: error }, 'manager-link.lost');
      }
      await delay(RECONNECT_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #whileConnected(): Promise<void> {
    const cut = new AbortController();
    const signal = AbortSignal.any([this.#ending.signal, cut.signal]);
    const connection = await connectSession({
      url: this.config.databaseUrl,
      channel: NOTICE_CHANNEL,
      onNotice: (payload) => this.#hear(payload),
    });
    void connection.lost.then(() => cut.abort());
    try {
      for (const listener of this.#listeners) listener.onResync();
      if (await untilLeading(connection, signal)) await this.#lead(signal);
    } finally {
      await connection.close();
    }
  }

  async #lead(signal: AbortSignal): Promise<void> {
    this.logger.info('manager-link.leading');
    this.#leading = true;
    try {
      await Promise.all(
        this.#duties.map((duty) =>
          duty(signal).catch((error: unknown) => this.logger.error({ err: error }, 'manager-link.duty-failed')),
        ),
      );
    } finally {
      this.#leading = false;
    }
  }

  #hear(payload: string): void {
    const notice = parseNotice(payload);
    if (notice === null) return;
    for (const listener of this.#listeners) listener.onNotice(notice);
  }
}

async function untilLeading(connection: SessionConnection, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    if (await connection.tryLock(LOCK)) return true;
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  return false;
}
