import { createHash } from 'node:crypto';
import { AileronError } from '@aileron/errors';
import { CLOCK, type Clock } from '@aileron/service-host';
import { Inject, Injectable } from '@nestjs/common';
import type { SessionKey } from '../ports/lease.port.js';
import { type SealedAuthority, SessionAuthoritiesRepository } from './session-authorities.repository.js';
import { SessionsService } from './sessions.service.js';

/** Keeps the sealed CA key of each session between its proxies: ciphertext that this service cannot open. */
@Injectable()
export class SessionAuthoritiesService {
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(SessionsService) private readonly sessions: SessionsService,
    @Inject(SessionAuthoritiesRepository) private readonly authorities: SessionAuthoritiesRepository,
  ) {}

  /**
   * The first one stays, the same again succeeds. NOT_FOUND for another tenant's session, SESSION_ENDED, and
   * PRECONDITION_FAILED when it is not the key of the certificate that the session's sandbox trusts.
   */
  async store(input: SessionKey & SealedAuthority & { proxyId: string }): Promise<void> {
    await this.sessions.getAlive(input);
    const createdAt = new Date(this.clock.now());
    const stored = await this.authorities.insert({ ...input, createdAt }, ({ state, caCertificatePem }) => {
      return state === 'active' && caCertificatePem !== null && same(sha256(caCertificatePem), input.certificateSha256);
    });
    if (stored === null || !same(stored.certificateSha256, input.certificateSha256)) {
      throw new AileronError('PRECONDITION_FAILED', { sessionId: input.sessionId, reason: 'another-certificate' });
    }
  }

  /** NOT_FOUND until it was stored, and for another tenant's. */
  async get(key: SessionKey): Promise<SealedAuthority> {
    await this.sessions.getAlive(key);
    const found = await this.authorities.find(key);
    if (found === null) throw new AileronError('NOT_FOUND', { sessionId: key.sessionId, part: 'authority' });
    return found;
  }
}

const sha256 = (text: string): Uint8Array => createHash('sha256').update(text).digest();
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
