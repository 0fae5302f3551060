import { AileronError } from '@aileron/errors';

/** Parts of the same minor version or the one before work together: rolling upgrades. Others: VERSION_MISMATCH. */
export function assertCompatible({ ours, theirs }: { ours: string; theirs: string }): void {
  const [our, their] = [ours, theirs].map((version) => /^(\d{1,6})\.(\d{1,6})\./.exec(version));
  const apart = our && their && our[1] === their[1] ? Math.abs(Number(our[2]) - Number(their[2])) : Infinity;
  if (apart > 1) throw new AileronError('VERSION_MISMATCH', { ours, theirs: theirs.slice(0, 64) });
}
