import { AileronError } from '@aileron/errors';

/**
 * The same minor version, or one apart, works; anything else is refused with both named. A caller that names none is
 * refused too.
 */
export function assertVersionsAgree(own: string, peer: string | undefined): void {
  // The parts of one build, call after call.
  if (peer === agreed && own === agreed) return;
  const [ownMajor, ownMinor] = parts(own);
  const [peerMajor, peerMinor] = parts(peer ?? '');
  if (
    ownMajor === peerMajor &&
    ownMinor !== undefined &&
    peerMinor !== undefined &&
    Math.abs(ownMinor - peerMinor) <= 1
  ) {
    if (own === peer) agreed = own;
    return;
  }
  throw new AileronError('VERSION_MISMATCH', { own, peer: peer ?? 'none' });
}

/** The last version that two parts had alike. */
let agreed: string | null = null;

function parts(version: string): (number | undefined)[] {
  const match = /^(\d{1,6})\.(\d{1,6})\./.exec(version);
  return match ? [Number(match[1]), Number(match[2])] : [undefined, undefined];
}
