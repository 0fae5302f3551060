import { timingSafeEqual } from 'node:crypto';
import { AileronError } from '@aileron/errors';
import { SessionCa } from '@aileron/tls';
import { type AuthorityStore } from '../ports/authority-store.port.js';
import { type StateSealer } from '../ports/state-sealer.port.js';
import { sha256 } from '../record/sha256.js';

const PURPOSE = 'session-ca';
const CALL_DEADLINE_MS = 5_000;
/** How long a connection waits for the key of another proxy: while the session is unlocked, and while it is not. */
const WAIT_MS = 3_000;
const WAIT_LOCKED_MS = 500;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 400;

export interface AuthorityOwner {
  readonly tenantId: string;
  readonly sessionId: string;
}

export interface AuthorityParts {
  readonly sealer: StateSealer;
  readonly store: AuthorityStore;
  /** Whether the session was given keys, as far as is known: says how long waiting makes sense, and what is told. */
  readonly isUnlocked: () => boolean;
}

/**
 * The certificate authority of one session, on one of its proxies. The first proxy makes it; its key is in memory only,
 * and leaves sealed under the session's lease. Another proxy, or the same after a restart, opens it at first need, once a
 * person unlocked the session, and not before.
 */
export class SessionAuthority {
  readonly #owner: AuthorityOwner;
  readonly #parts: AuthorityParts;
  /** Whose certificate the sandbox trusts. */
  #certificatePem: string;
  /** Made here; used only while its certificate is the session's. */
  readonly #made: SessionCa | null;
  #opened: SessionCa | null = null;
  #stored = false;
  #sealing: Promise<void> | null = null;
  #opening: Promise<SessionCa> | null = null;
  #closed = false;

  private constructor(owner: AuthorityOwner, parts: AuthorityParts, from: SessionCa | string) {
    this.#owner = owner;
    this.#parts = parts;
    this.#made = typeof from === 'string' ? null : from;
    this.#certificatePem = typeof from === 'string' ? from : from.certificatePem;
  }

  /** A new one. */
  static async create(
    owner: AuthorityOwner,
    { now, ttlSeconds, ...parts }: AuthorityParts & { now: Date; ttlSeconds: number },
  ): Promise<SessionAuthority> {
    const ca = await SessionCa.create({ sessionId: owner.sessionId, now, ttlSeconds });
    return new SessionAuthority(owner, parts, ca);
  }

  /** The one that a proxy made before: another, or this one before it was restarted. */
  static shared(owner: AuthorityOwner, parts: AuthorityParts, certificatePem: string): SessionAuthority {
    return new SessionAuthority(owner, parts, certificatePem);
  }

  get certificatePem(): string {
    return this.#certificatePem;
  }

  /** Whether its key is here and nowhere else yet. */
  get unshared(): boolean {
    return this.#own !== null && !this.#stored && !this.#closed;
  }

  /** The session's certificate is this one: another proxy's, when it was first. */
  adopt(certificatePem: string): void {
    if (certificatePem === this.#certificatePem) return;
    this.#certificatePem = certificatePem;
    this.#opened = null;
  }

  /**
   * LEASE_MISSING while the session is locked and the key not here; ENFORCEMENT_UNAVAILABLE when its proxy has not shared
   * it in time; STATE_TAMPERED when what was stored is not this session's.
   */
  async get(): Promise<SessionCa> {
    if (this.#closed) throw new AileronError('SESSION_ENDED');
    const present = this.#own ?? this.#opened;
    if (present !== null) return present;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = null;
    });
    return await this.#opening;
  }

  /** Leaves the key, sealed, for the others; once. LEASE_MISSING while the session was never unlocked. */
  async seal(): Promise<void> {
    const own = this.#own;
    if (own === null || !this.unshared) return;
    this.#sealing ??= this.#seal(own).finally(() => {
      this.#sealing = null;
    });
    await this.#sealing;
  }

  /** Forgets the key; what is sealed stays until the session ends. */
  close(): void {
    this.#closed = true;
    this.#opened = null;
  }

  get #own(): SessionCa | null {
    return this.#made?.certificatePem === this.#certificatePem ? this.#made : null;
  }

  async #open(): Promise<SessionCa> {
    const { certificateSha256, sealed } = await this.#find();
    const certificatePem = this.#certificatePem;
    const { sessionId } = this.#owner;
    if (!isOf(certificatePem, certificateSha256)) throw new AileronError('STATE_TAMPERED', { sessionId });
    const signal = AbortSignal.timeout(CALL_DEADLINE_MS);
    const state = await this.#parts.sealer.unseal({ ...this.#owner, purpose: PURPOSE, sealed, signal });
    try {
      const ca = await SessionCa.restore(state);
      if (ca.certificatePem !== certificatePem) throw new AileronError('STATE_TAMPERED', { sessionId });
      if (this.#closed) throw new AileronError('SESSION_ENDED');
      if (certificatePem === this.#certificatePem) this.#opened = ca;
      return ca;
    } finally {
      state.fill(0);
    }
  }

  /** What is stored, or is within the time that a connection can wait. */
  async #find() {
    const from = performance.now();
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      const found = await this.#parts.store.find({ ...this.#owner, signal: AbortSignal.timeout(CALL_DEADLINE_MS) });
      if (found !== null) return found;
      if (this.#closed) throw new AileronError('SESSION_ENDED');
      const unlocked = this.#parts.isUnlocked();
      if (performance.now() - from >= (unlocked ? WAIT_MS : WAIT_LOCKED_MS)) throw notThere(unlocked);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  async #seal(ca: SessionCa): Promise<void> {
    const plaintext = await ca.exportState();
    try {
      const signal = AbortSignal.timeout(CALL_DEADLINE_MS);
      const sealed = await this.#parts.sealer.seal({ ...this.#owner, purpose: PURPOSE, plaintext, signal });
      if (this.#closed) return;
      const certificateSha256 = sha256(Buffer.from(ca.certificatePem));
      await this.#parts.store.store({ ...this.#owner, certificateSha256, sealed, signal });
      this.#stored = true;
    } finally {
      plaintext.fill(0);
    }
  }
}

function isOf(certificatePem: string, digest: Uint8Array): boolean {
  const expected = sha256(Buffer.from(certificatePem));
  return digest.length === expected.length && timingSafeEqual(expected, digest);
}

function notThere(unlocked: boolean): AileronError {
  if (!unlocked) return new AileronError('LEASE_MISSING');
  const reason =
    'the proxy that began this session has not shared its authority; if that proxy is gone, start a new session';
  return new AileronError('ENFORCEMENT_UNAVAILABLE', { reason });
}
