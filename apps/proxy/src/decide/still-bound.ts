import { setTimeout as pause } from 'node:timers/promises';
import { AileronError } from '@aileron/errors';
import { type Credentials, type ResolvedCredential } from '../ports/credentials.port.js';

/** While credential-service is away it is asked again, this often; then what nobody can tell is not so. */
const TRIES = 8;
const PAUSE_MS = 500;

/** Whether a call's credential is still the one that its session would use. */
export async function isStillBound(input: {
  readonly credentials: Pick<Credentials, 'resolve'>;
  readonly use: Parameters<Credentials['resolve']>[0];
  readonly used: ResolvedCredential;
}): Promise<boolean> {
  const { credentials, use, used } = input;
  for (let tries = 1; ; tries++) {
    try {
      return isSameCredential(await credentials.resolve(use), used);
    } catch (error) {
      if (tries === TRIES || use.signal.aborted || !isAway(AileronError.from(error))) return false;
    }
    await pause(PAUSE_MS, undefined, { ref: false });
  }
}

const isAway = ({ code }: AileronError): boolean => code === 'UNAVAILABLE' || code === 'DEADLINE_EXCEEDED';

export const isSameCredential = (a: ResolvedCredential, b: ResolvedCredential): boolean =>
  a.vaultId === b.vaultId && a.credentialId === b.credentialId && a.version === b.version;
