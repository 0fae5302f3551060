import { setTimeout as pause } from 'node:timers/promises';
import { AileronError } from '@aileron/errors';
import Docker from 'dockerode';

const BETWEEN_LOOKS_MS = 50;
/** A stop lets what runs inside end first. */
const SLACK_MS = 15_000;

/** Calls of one engine, each with an end. What is not there is null, or nothing to do. */
export class DockerEngine {
  readonly docker: Docker;

  constructor(
    readonly socketPath: string,
    private readonly callMs: number,
  ) {
    this.docker = new Docker({ socketPath });
  }

  /** @throws AileronError PROVISIONER_UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED; what the engine refused as it is */
  async call<T>(
    signal: AbortSignal,
    work: (abortSignal: AbortSignal) => Promise<T>,
    limitMs = this.callMs,
  ): Promise<T> {
    const bound = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
    const { promise: ended, reject } = Promise.withResolvers<never>();
    const end = (): void => reject(bound.reason);
    try {
      bound.throwIfAborted();
      bound.addEventListener('abort', end, { once: true });
      return await Promise.race([work(bound), ended]);
    } catch (error) {
      if (signal.aborted) throw new AileronError('CANCELLED', {}, { cause: error });
      if (bound.aborted) throw new AileronError('DEADLINE_EXCEEDED', { waitedFor: 'docker' }, { cause: error });
      throw isRefused(error) ? error : unreachable(this.socketPath, error);
    } finally {
      bound.removeEventListener('abort', end);
    }
  }

  info(signal: AbortSignal): Promise<EngineInfo> {
    return this.call(signal, () => this.docker.info() as Promise<EngineInfo>);
  }

  container(name: string, signal: AbortSignal): Promise<Docker.ContainerInspectInfo | null> {
    const work = (abortSignal: AbortSignal) => this.docker.getContainer(name).inspect({ abortSignal });
    return this.call(signal, (abortSignal) => absent(work(abortSignal)));
  }

  volume(name: string, signal: AbortSignal): Promise<Docker.VolumeInspectInfo | null> {
    const work = (abortSignal: AbortSignal) => this.docker.getVolume(name).inspect({ abortSignal });
    return this.call(signal, (abortSignal) => absent(work(abortSignal)));
  }

  image(name: string, signal: AbortSignal): Promise<Docker.ImageInspectInfo | null> {
    return this.call(signal, () => absent(this.docker.getImage(name).inspect()));
  }

  /** Asks to end, then ends. Nothing to do when it does not run or is not there. */
  async stopContainer(id: string, { stopMs, signal }: { stopMs: number; signal: AbortSignal }): Promise<void> {
    const seconds = Math.ceil(stopMs / 1_000);
    const work = (abortSignal: AbortSignal) => this.docker.getContainer(id).stop({ t: seconds, abortSignal });
    await this.call(signal, (abortSignal) => tolerate([304, 404], work(abortSignal)), stopMs + SLACK_MS);
  }

  async removeContainer(id: string, signal: AbortSignal): Promise<void> {
    const work = (abortSignal: AbortSignal) => this.docker.getContainer(id).remove({ force: true, abortSignal });
    // 409: it is being removed already.
    await this.call(signal, (abortSignal) => tolerate([404, 409], work(abortSignal)));
    const bound = AbortSignal.any([signal, AbortSignal.timeout(this.callMs)]);
    while ((await this.container(id, bound)) !== null) await pause(BETWEEN_LOOKS_MS);
  }

  async removeVolume(name: string, signal: AbortSignal): Promise<void> {
    await this.call(signal, () => tolerate([404], this.docker.getVolume(name).remove({ force: true })));
  }
}

/** What of the engine's own account of itself counts here. */
export interface EngineInfo {
  readonly OSType: string;
  readonly NCPU: number;
  readonly SecurityOptions: readonly string[] | null;
  readonly CgroupVersion?: string;
  readonly MemoryLimit: boolean;
  readonly PidsLimit: boolean;
  readonly CpuCfsQuota: boolean;
}

/** The HTTP status with which the engine refused; null when it is not a refusal. */
export function statusOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return null;
  return typeof error.statusCode === 'number' ? error.statusCode : null;
}

const isRefused = (error: unknown): boolean => statusOf(error) !== null || AileronError.is(error);

async function absent<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

async function tolerate(statuses: readonly number[], answer: Promise<unknown>): Promise<void> {
  try {
    await answer;
  } catch (error) {
    if (!statuses.includes(statusOf(error) ?? 0)) throw error;
  }
}

function unreachable(socketPath: string, cause: unknown): AileronError {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : null;
  const reason =
    code === 'EACCES' || code === 'EPERM'
      ? `This user may not use ${socketPath}; add it to the group docker.`
      : code === 'ENOENT'
        ? `There is no Docker engine: ${socketPath} is not there.`
        : `The Docker engine at ${socketPath} does not answer.`;
  return new AileronError('PROVISIONER_UNAVAILABLE', { reason }, { cause });
}
