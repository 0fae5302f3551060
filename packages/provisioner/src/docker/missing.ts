import { AileronError } from '@aileron/errors';
import type { DockerEngine, EngineInfo } from './docker-engine.js';
import { USERS } from './inside.js';

/** What keeps workspaces from running on this engine; null: nothing. */
export async function missingOf(engine: DockerEngine, image: string, signal: AbortSignal): Promise<string | null> {
  if (process.platform !== 'linux')
    return 'Docker workspaces need Linux: sockets of this machine are mounted into them.';
  if (process.getuid?.() === USERS.agent.uid)
    return `Aileron runs as user ${USERS.agent.uid}, which is that of agents.`;
  try {
    const insecure = unenforceable(await engine.info(signal));
    if (insecure !== null) return insecure;
    if ((await engine.image(image, signal)) !== null || namesRegistry(image)) return null;
    return `The image ${image} is not there; build it with \`pnpm images\`.`;
  } catch (error) {
    const { code, details } = AileronError.from(error);
    const reason = details['reason'];
    if (code === 'PROVISIONER_UNAVAILABLE' && typeof reason === 'string') return reason;
    if (code === 'DEADLINE_EXCEEDED') return `The Docker engine at ${engine.socketPath} does not answer.`;
    throw error;
  }
}

/** Never less than what is promised: an engine that cannot enforce it is not used. */
export function unenforceable(info: EngineInfo): string | null {
  const options = info.SecurityOptions ?? [];
  const has = (name: string): boolean => options.some((option) => option.split(',').includes(`name=${name}`));
  if (info.OSType !== 'linux') return 'The Docker engine does not run Linux containers.';
  if (has('rootless') || has('userns'))
    return 'The Docker engine maps users: sockets in its containers cannot be shared.';
  if (!has('seccomp')) return 'The Docker engine filters no system calls (seccomp).';
  const limits = { memory: info.MemoryLimit, processes: info.PidsLimit, processors: info.CpuCfsQuota };
  const unlimited = Object.entries(limits).flatMap(([name, can]) => (can ? [] : [name]));
  return unlimited.length === 0 ? null : `The Docker engine cannot limit ${unlimited.join(', ')} on this kernel.`;
}

/** `registry.example/name`: what is before the first slash has a dot, a port, or is localhost. */
function namesRegistry(image: string): boolean {
  const [host, ...rest] = image.split('/');
  return rest.length > 0 && host !== undefined && /[.:]|^localhost$/.test(host);
}
