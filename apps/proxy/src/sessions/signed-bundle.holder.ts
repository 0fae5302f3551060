import { AileronError } from '@aileron/errors';
import { toBase64Url, type VerifyingKey, verifyEnvelope } from '@aileron/vault';
import { type SignedBundle } from '../ports/data-plane.port.js';
import { sha256 } from '../record/sha256.js';
import { type BundleName, type BundleVersions } from './bundle-versions.js';

/** What came into force or was refused, for the audit log. */
export interface BundleEvent {
  readonly bundle: BundleName;
  readonly event: 'installed' | 'refused';
  readonly version: number;
  readonly digest?: string;
  readonly keyId?: string;
  readonly reason?: string;
}

export interface BundleKind<T> {
  readonly bundle: BundleName;
  readonly payloadType: string;
  /** Parses and compiles a verified payload; throws when it is not valid. */
  readonly compile: (payload: unknown) => { tenantId: string; version: number; value: T };
}

interface Held<T> {
  readonly version: number;
  readonly digest: string;
  readonly value: T;
}

/**
 * The newest bundle of one kind that an administrator signed. Anything unsigned, older than ever accepted, of another
 * tenant or not valid is refused, and the present one stays in force. Until there is one, nothing is allowed.
 */
export class SignedBundleHolder<T> {
  readonly #kind: BundleKind<T>;
  readonly #tenantId: string;
  readonly #admins: readonly VerifyingKey[];
  readonly #versions: BundleVersions;
  #held: Held<T> | null = null;
  #refusedDigest: string | null = null;

  constructor(input: {
    kind: BundleKind<T>;
    tenantId: string;
    admins: readonly VerifyingKey[];
    versions: BundleVersions;
  }) {
    this.#kind = input.kind;
    this.#tenantId = input.tenantId;
    this.#admins = input.admins;
    this.#versions = input.versions;
  }

  /** ENFORCEMENT_UNAVAILABLE until a bundle was installed. */
  get current(): T {
    if (this.#held === null)
      throw new AileronError('ENFORCEMENT_UNAVAILABLE', { reason: `no-${this.#kind.bundle}-bundle` });
    return this.#held.value;
  }

  get installed(): boolean {
    return this.#held !== null;
  }

  get version(): number {
    return this.#held?.version ?? 0;
  }

  /** Null when there is nothing new to tell: the one in force again, or one that was refused before. */
  async install(signed: SignedBundle): Promise<BundleEvent | null> {
    const envelopeDigest = toBase64Url(sha256(signed.envelope));
    try {
      return await this.#verify(signed);
    } catch (error) {
      if (this.#refusedDigest === envelopeDigest) return null;
      this.#refusedDigest = envelopeDigest;
      const { code, details } = AileronError.from(error);
      const reason = [code, ...Object.values(details).filter((detail) => typeof detail === 'string')].join(' ');
      return { bundle: this.#kind.bundle, event: 'refused', version: signed.version, reason: reason.slice(0, 1_024) };
    }
  }

  async #verify({ envelope }: SignedBundle): Promise<BundleEvent | null> {
    const { bundle, payloadType, compile } = this.#kind;
    const { payload, keyId } = await verifyEnvelope({ envelope: parse(envelope), payloadType, keys: this.#admins });
    const digest = toBase64Url(sha256(payload));
    const held = this.#held;
    if (held?.digest === digest) return null;
    const { tenantId, version, value } = compile(parse(payload));
    if (tenantId !== this.#tenantId) throw new AileronError('BUNDLE_REFUSED', { reason: 'other-tenant' });
    const highest = this.#versions.highest(bundle);
    if (highest !== null && (version < highest.version || (version === highest.version && digest !== highest.digest))) {
      throw new AileronError('BUNDLE_REFUSED', { reason: 'not-newer', version, present: highest.version });
    }
    this.#held = { version, digest, value };
    this.#versions.accept(bundle, { version, digest });
    this.#refusedDigest = null;
    return { bundle, event: 'installed', version, digest, keyId };
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new AileronError('BUNDLE_REFUSED', { reason: 'not-json' }, { cause });
  }
}
