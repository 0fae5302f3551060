import { type SessionInfo, type SessionReport } from '../ports/data-plane.port.js';
import { writeTrustBundle } from './runtime-directory.js';
import { type ServedSlot, type SessionSlot } from './session-slot.js';

type Report = (session: SessionInfo, report: SessionReport) => Promise<string | null>;

/** The first proxy's authority is the session's: the answer says whose it is. */
export function reportReady({ report }: { readonly report: Report }) {
  return async (slot: ServedSlot): Promise<void> => {
    const { info, runtimeDirectory, authority } = slot.live;
    const { certificatePem } = authority;
    const theirs = await report(info, { kind: 'ready', caCertificatePem: certificatePem, runtimeDirectory });
    slot.reported = true;
    // What was heard before the report is older than its answer.
    const { wanted }: SessionSlot = slot;
    if (wanted !== null) (slot as SessionSlot).wanted = { ...wanted, caCertificatePem: theirs ?? certificatePem };
  };
}

/** Another proxy was first: its certificate is what sandboxes trust. */
export async function adoptCertificate({ live, wanted: { caCertificatePem } }: ServedSlot): Promise<void> {
  if (caCertificatePem === null || caCertificatePem === live.authority.certificatePem) return;
  live.authority.adopt(caCertificatePem);
  await writeTrustBundle(live.runtimeDirectory, caCertificatePem);
}
