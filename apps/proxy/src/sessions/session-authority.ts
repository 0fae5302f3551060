import { rm } from 'node:fs/promises';
import { AileronError } from '@aileron/errors';
import { SessionCa } from '@aileron/tls';
import { type StateSealer } from '../ports/state-sealer.port.js';
import { readSmallFile, writeWholeFile } from './private-files.js';

const PURPOSE = 'session-ca';
const MAX_SEALED_BYTES = 65_536;
const CALL_DEADLINE_MS = 5_000;

export interface AuthorityPlace {
  readonly tenantId: string;
  readonly sessionId: string;
  /** Where the sealed state rests. */
  readonly path: string;
}

/**
 * The certificate authority of one session. Its key is in memory only; at rest it is sealed under the session's lease,
 * so that after a restart the same authority is back once a person unlocked the session, and not before.
 */
export class SessionAuthority {
  readonly #place: AuthorityPlace;
  readonly #sealer: StateSealer;
  #ca: SessionCa | null;
  #sealed: boolean;
  #sealing: Promise<void> | null = null;
  #unsealing: Promise<SessionCa> | null = null;
  #closed = false;

  private constructor(place: AuthorityPlace, sealer: StateSealer, ca: SessionCa | null) {
    this.#place = place;
    this.#sealer = sealer;
    this.#ca = ca;
    this.#sealed = ca === null;
  }

  /** The sealed one when there is one, locked until it is asked for; else a new one. */
  static async open(
    place: AuthorityPlace,
    input: { sealer: StateSealer; now: Date; ttlSeconds: number },
  ): Promise<SessionAuthority> {
    const sealed = await readSmallFile(place.path, MAX_SEALED_BYTES);
    if (sealed !== null) return new SessionAuthority(place, input.sealer, null);
    const { now, ttlSeconds } = input;
    const ca = await SessionCa.create({ sessionId: place.sessionId, now, ttlSeconds });
    return new SessionAuthority(place, input.sealer, ca);
  }

  /** Null while sealed. */
  get certificatePem(): string | null {
    return this.#ca?.certificatePem ?? null;
  }

  /** LEASE_MISSING while the session is locked after a restart; STATE_TAMPERED when the sealed state was changed. */
  async get(): Promise<SessionCa> {
    if (this.#closed) throw new AileronError('SESSION_ENDED');
    if (this.#ca !== null) return this.#ca;
    this.#unsealing ??= this.#unseal().finally(() => {
      this.#unsealing = null;
    });
    return await this.#unsealing;
  }

  /** Puts it at rest, once. LEASE_MISSING while the session was never unlocked. */
  async seal(): Promise<void> {
    if (this.#sealed || this.#ca === null || this.#closed) return;
    this.#sealing ??= this.#seal(this.#ca).finally(() => {
      this.#sealing = null;
    });
    await this.#sealing;
  }

  /** The session is over: nothing of it stays. */
  async destroy(): Promise<void> {
    this.close();
    await this.#sealing?.catch(() => undefined);
    await rm(this.#place.path, { force: true });
  }

  /** Forgets the key; what is sealed stays. */
  close(): void {
    this.#closed = true;
    this.#ca = null;
  }

  async #unseal(): Promise<SessionCa> {
    const { tenantId, sessionId, path } = this.#place;
    const sealed = await readSmallFile(path, MAX_SEALED_BYTES);
    if (sealed === null) throw new AileronError('STATE_TAMPERED', { sessionId, reason: 'missing' });
    const signal = AbortSignal.timeout(CALL_DEADLINE_MS);
    const state = await this.#sealer.unseal({ tenantId, sessionId, purpose: PURPOSE, sealed, signal });
    try {
      const ca = await SessionCa.restore(state);
      if (this.#closed) throw new AileronError('SESSION_ENDED');
      this.#ca = ca;
      return ca;
    } finally {
      state.fill(0);
    }
  }

  async #seal(ca: SessionCa): Promise<void> {
    const { tenantId, sessionId, path } = this.#place;
    const plaintext = await ca.exportState();
    try {
      const signal = AbortSignal.timeout(CALL_DEADLINE_MS);
      const sealed = await this.#sealer.seal({ tenantId, sessionId, purpose: PURPOSE, plaintext, signal });
      if (this.#closed) return;
      await writeWholeFile(path, sealed, 0o600);
      this.#sealed = true;
    } finally {
      plaintext.fill(0);
    }
  }
}
