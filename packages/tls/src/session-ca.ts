import { createPrivateKey } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { AileronError } from '@aileron/errors';
import { CertificateAuthority, generateP256, ORGANIZATION, type KeyPair } from './certificate-authority.js';
import type { Validity } from './certificate.js';
import { LeafCache } from './leaf-cache.js';
import { OnePerTurn } from './one-per-turn.js';
import { certificatePem, privateKeyPem } from './pem.js';

/** What a TLS server needs to speak for one host. */
export interface LeafContext {
  readonly host: string;
  readonly certificatePem: string;
  readonly secureContext: SecureContext;
}

export interface SessionCaInput {
  readonly sessionId: string;
  readonly now: Date;
  /** How long certificates are good for: the session's longest life. Capped at 47 days. */
  readonly ttlSeconds: number;
}

/** CA/Browser Forum ballot SC-081: what clients will take from 2029 on. */
const MAX_VALIDITY_SECONDS = 47 * 86_400;
/** Agents' clocks run behind. */
const BACKDATE_SECONDS = 3_600;
/**
 * Leaves kept; a session that speaks to more hosts mints the oldest anew. Each TLS context holds 40 KiB outside the heap,
 * and takes 30 µs to free: a garbage collection frees those of an ended session in one go.
 */
const MAX_LEAVES = 64;
/** Of all sessions: a mint takes 0.4 ms, and an agent that opens twenty hosts at once is not to hold up the others. */
const MINTING = new OnePerTurn();
/** `exportState` makes less than 2 KiB. */
const MAX_STATE_BYTES = 16_384;

interface StoredCa {
  readonly v: 1;
  readonly certificatePem: string;
  readonly privateKeyPkcs8Base64: string;
}

/**
 * The certificate authority of one session: it lives as long as the session, is trusted inside its sandbox only, and
 * mints a certificate for each host whose TLS is terminated. All leaves share one key pair, which is made with the CA and
 * never leaves memory: a key for each host would lie beside the CA's own, so whoever reads one reads all, and would cost
 * each first connection its making.
 */
export class SessionCa {
  readonly #authority: CertificateAuthority;
  readonly #leaves: LeafCache<LeafContext>;

  private constructor(authority: CertificateAuthority, leafKeys: KeyPair) {
    const subject = { organization: ORGANIZATION };
    const write = authority.leafWriter({ subject, publicKey: leafKeys.publicKey, purposes: ['serverAuth'] });
    const key = privateKeyPem(leafKeys.privateKey);
    this.#authority = authority;
    this.#leaves = new LeafCache(MAX_LEAVES, async (host) => {
      await MINTING.pass();
      return leafContext({ host, key, cert: certificatePem(write([host])) });
    });
  }

  static async create({ sessionId, now, ttlSeconds }: SessionCaInput): Promise<SessionCa> {
    const name = `Aileron session ${sessionId.replaceAll(/[^\w-]/g, '').slice(0, 40)}`;
    const authority = await CertificateAuthority.create({ name, ...validity(now, ttlSeconds) });
    return new SessionCa(authority, await generateP256());
  }

  /** @throws AileronError STATE_TAMPERED when the bytes are not what `exportState` made. */
  static async restore(state: Uint8Array): Promise<SessionCa> {
    try {
      return new SessionCa(readState(state), await generateP256());
    } catch (cause) {
      throw new AileronError('STATE_TAMPERED', {}, { cause });
    }
  }

  get certificatePem(): string {
    return this.#authority.certificatePem;
  }

  /** After this nothing it mints is valid. */
  get notAfter(): Date {
    return this.#authority.validity.notAfter;
  }

  /**
   * The certificate and TLS context for a canonical host name or IP address. Minted once, for all who ask at one time.
   * @throws AileronError INVALID_ARGUMENT for what is neither
   */
  leafFor(host: string): Promise<LeafContext> {
    return this.#leaves.get(host);
  }

  /** The private key in the clear: the caller seals it before it goes anywhere and zeroes it. */
  async exportState(): Promise<Uint8Array> {
    const pkcs8 = this.#authority.privateKey.export({ type: 'pkcs8', format: 'der' });
    const stored: StoredCa = {
      v: 1,
      certificatePem: this.certificatePem,
      privateKeyPkcs8Base64: pkcs8.toString('base64'),
    };
    pkcs8.fill(0);
    return Buffer.from(JSON.stringify(stored));
  }
}

/** From an hour ago to `ttlSeconds` from now, the whole never over 47 days. */
function validity(now: Date, ttlSeconds: number): Validity {
  const start = now.getTime() - BACKDATE_SECONDS * 1_000;
  const end = Math.min(now.getTime() + ttlSeconds * 1_000, start + MAX_VALIDITY_SECONDS * 1_000);
  return { notBefore: new Date(start), notAfter: new Date(end) };
}

/** It asks agents for no certificate, so no roots: Node would read Mozilla's list for the first context of the process. */
function leafContext({ host, cert, key }: { host: string; cert: string; key: string }): LeafContext {
  const secureContext = createSecureContext({ cert, key, ca: [], minVersion: 'TLSv1.2' });
  return { host, certificatePem: cert, secureContext };
}

function readState(state: Uint8Array): CertificateAuthority {
  if (state.length > MAX_STATE_BYTES) throw new RangeError('too large');
  const stored = JSON.parse(Buffer.from(state).toString('utf8')) as StoredCa;
  if (stored.v !== 1) throw new TypeError('unknown version');
  const pkcs8 = Buffer.from(stored.privateKeyPkcs8Base64, 'base64');
  try {
    const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
    return CertificateAuthority.open({ certificate: stored.certificatePem, privateKey });
  } finally {
    pkcs8.fill(0);
  }
}
