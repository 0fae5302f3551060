import { AileronError } from '@aileron/errors';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { CONFIG } from '../config-token.js';
import { type CredentialServiceConfig } from '../config.js';
import { CLOCK, type Clock } from '@aileron/service-host';
import { DECRYPT_METER, type DecryptMeter } from '../ports/decrypt-meter.port.js';
import { type LiveLease } from './live-lease.js';

export interface SessionKey {
  readonly tenantId: string;
  readonly sessionId: string;
}

const SWEEP_MS = 1_000;
/** How many ended leases are remembered, to say LEASE_EXPIRED and not LEASE_MISSING. */
const MAX_EXPIRED = 10_000;

/** Every lease in memory, by tenant and session. The only place that holds keys. */
@Injectable()
export class LeaseRegistry implements OnModuleInit, OnModuleDestroy {
  readonly #live = new Map<string, LiveLease>();
  readonly #expired = new Set<string>();
  readonly #listeners: ((lease: LiveLease) => void)[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(
    @Inject(CONFIG) private readonly config: Pick<CredentialServiceConfig, 'maxLeases'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(DECRYPT_METER) private readonly meter: DecryptMeter,
  ) {}

  onModuleInit(): void {
    this.#timer = setInterval(() => this.sweep(), SWEEP_MS);
    this.#timer.unref();
  }

  /** Zeroes everything. */
  onModuleDestroy(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    for (const id of this.#live.keys()) this.drop(id);
  }

  /** Replaces the session's earlier lease. RATE_LIMITED when memory is full of live ones. */
  put(lease: LiveLease): void {
    const id = idOf(lease);
    this.sweep();
    if (!this.#live.has(id) && this.#live.size >= this.config.maxLeases) {
      lease.close();
      throw new AileronError('RATE_LIMITED', { maxLeases: this.config.maxLeases });
    }
    this.drop(id);
    this.#expired.delete(id);
    this.#live.set(id, lease);
    this.meter.leases(this.#live.size);
    for (const listener of this.#listeners) listener(lease);
  }

  /** Hears of each lease that is in memory from now on. */
  onPut(listener: (lease: LiveLease) => void): void {
    this.#listeners.push(listener);
  }

  find(session: SessionKey): LiveLease | undefined {
    const id = idOf(session);
    const lease = this.#live.get(id);
    if (lease !== undefined && lease.expiresAt.getTime() <= this.clock.now()) {
      this.expire(id);
      return undefined;
    }
    return lease;
  }

  /** LEASE_MISSING, or LEASE_EXPIRED when there was one. */
  require(session: SessionKey): LiveLease {
    const lease = this.find(session);
    if (lease !== undefined) return lease;
    throw new AileronError(this.#expired.has(idOf(session)) ? 'LEASE_EXPIRED' : 'LEASE_MISSING');
  }

  revoke(session: SessionKey): void {
    const id = idOf(session);
    this.drop(id);
    this.#expired.delete(id);
  }

  /** Zeroes the leases that ran out, used or not. */
  sweep(): void {
    const now = this.clock.now();
    for (const [id, lease] of this.#live) if (lease.expiresAt.getTime() <= now) this.expire(id);
  }

  get size(): number {
    return this.#live.size;
  }

  private expire(id: string): void {
    this.drop(id);
    this.#expired.add(id);
    const [oldest] = this.#expired;
    if (this.#expired.size > MAX_EXPIRED && oldest !== undefined) this.#expired.delete(oldest);
  }

  private drop(id: string): void {
    this.#live.get(id)?.close();
    if (this.#live.delete(id)) this.meter.leases(this.#live.size);
  }
}

/** NUL is in no id. */
const idOf = ({ tenantId, sessionId }: SessionKey) => `${tenantId}\0${sessionId}`;
