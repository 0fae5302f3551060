import type { WorkspaceProvisioner } from '@aileron/provisioner';
import type { Logger } from '@aileron/telemetry';

const LONGEST_MS = 20_000;

/**
 * Ends what runs of every workspace; their data stays. They are wanted still: the manager of the next start builds them again.
 * Never throws: whoever calls it is ending.
 */
export async function endWorkspaces(provisioners: readonly WorkspaceProvisioner[], logger: Logger): Promise<void> {
  const signal = AbortSignal.timeout(LONGEST_MS);
  await Promise.all(
    provisioners.map(async (provisioner) => {
      const failed = (err: unknown) => logger.warn({ err, provisioner: provisioner.kind }, 'workspaces.not-ended');
      await endAll(provisioner, signal, failed).catch(failed);
    }),
  );
}

async function endAll(
  provisioner: WorkspaceProvisioner,
  signal: AbortSignal,
  failed: (error: unknown) => void,
): Promise<void> {
  if ((await provisioner.missing(signal)) !== null) return;
  const { found } = await provisioner.list(signal);
  const workspaceIds = new Set(found.flatMap(({ workspaceId }) => workspaceId ?? []));
  // One that does not end is told of, and the others are waited for.
  await Promise.all([...workspaceIds].map((workspaceId) => provisioner.stop(workspaceId, signal).catch(failed)));
}
