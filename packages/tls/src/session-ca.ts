import { webcrypto } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { AileronError } from '@aileron/errors';
import type { Extension, X509Certificate } from '@peculiar/x509';
import {
  generateKeyPair,
  KEY_ALGORITHM,
  leafExtensions,
  makeAuthority,
  makeLeaf,
  readCertificate,
  validity,
} from './certificate-authority.js';
import { LeafCache } from './leaf-cache.js';

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

/** Leaves kept; a session that speaks to more hosts mints the oldest anew. */
const MAX_LEAVES = 256;

interface StoredCa {
  readonly v: 1;
  readonly certificatePem: string;
  readonly privateKeyPkcs8Base64: string;
}

/**
 * The certificate authority of one session: it lives as long as the session, is trusted inside its sandbox only, and
 * mints a certificate for each host whose TLS is terminated. All leaves share one key pair, which is made with the CA and
 * never leaves memory.
 */
export class SessionCa {
  readonly certificatePem: string;
  readonly #leaves: LeafCache<LeafContext>;

  private constructor(
    private readonly authority: X509Certificate,
    private readonly authorityKey: webcrypto.CryptoKey,
    private readonly leafKeys: LeafKeys,
  ) {
    this.certificatePem = `${authority.toString('pem')}\n`;
    this.#leaves = new LeafCache(MAX_LEAVES, (host) => this.#mint(host));
  }

  static async create({ sessionId, now, ttlSeconds }: SessionCaInput): Promise<SessionCa> {
    const keys = await generateKeyPair();
    const name = `Aileron session ${sessionId.replaceAll(/[^\w-]/g, '').slice(0, 40)}`;
    const authority = await makeAuthority({ name, keys, ...validity(now, ttlSeconds) });
    return new SessionCa(authority, keys.privateKey, await makeLeafKeys(authority));
  }

  /** @throws AileronError STATE_TAMPERED when the bytes are not what `exportState` made. */
  static async restore(state: Uint8Array): Promise<SessionCa> {
    try {
      const stored = JSON.parse(Buffer.from(state).toString('utf8')) as StoredCa;
      if (stored.v !== 1) throw new TypeError('unknown version');
      const pkcs8 = Buffer.from(stored.privateKeyPkcs8Base64, 'base64');
      const key = await webcrypto.subtle.importKey('pkcs8', pkcs8, KEY_ALGORITHM, true, ['sign']);
      pkcs8.fill(0);
      const authority = readCertificate(stored.certificatePem);
      return new SessionCa(authority, key, await makeLeafKeys(authority));
    } catch (cause) {
      throw new AileronError('STATE_TAMPERED', {}, { cause });
    }
  }

  /** After this nothing it mints is valid. */
  get notAfter(): Date {
    return this.authority.notAfter;
  }

  /** The certificate and TLS context for a canonical host name or IP address. Minted once, for all who ask at one time. */
  leafFor(host: string): Promise<LeafContext> {
    return this.#leaves.get(host);
  }

  /** The private key in the clear: the caller seals it before it goes anywhere and zeroes it. */
  async exportState(): Promise<Uint8Array> {
    const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', this.authorityKey));
    const stored: StoredCa = {
      v: 1,
      certificatePem: this.certificatePem,
      privateKeyPkcs8Base64: pkcs8.toString('base64'),
    };
    pkcs8.fill(0);
    return Buffer.from(JSON.stringify(stored));
  }

  async #mint(host: string): Promise<LeafContext> {
    const { authority, authorityKey, leafKeys } = this;
    const { publicKey: leafKey, extensions } = leafKeys;
    const certificate = await makeLeaf({ host, authority, authorityKey, leafKey, extensions });
    const certificatePem = `${certificate.toString('pem')}\n`;
    const secureContext = createSecureContext({
      cert: certificatePem,
      key: leafKeys.privateKeyPem,
      minVersion: 'TLSv1.2',
    });
    return { host, certificatePem, secureContext };
  }
}

/** Shared by all leaves of one CA. */
interface LeafKeys {
  readonly publicKey: webcrypto.CryptoKey;
  readonly privateKeyPem: string;
  readonly extensions: readonly Extension[];
}

async function makeLeafKeys(authority: X509Certificate): Promise<LeafKeys> {
  const { publicKey, privateKey } = await generateKeyPair();
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', privateKey));
  const lines = pkcs8.toString('base64').replaceAll(/.{64}/g, '$&\n');
  pkcs8.fill(0);
  const privateKeyPem = `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
  return { publicKey, privateKeyPem, extensions: await leafExtensions(authority, publicKey) };
}
