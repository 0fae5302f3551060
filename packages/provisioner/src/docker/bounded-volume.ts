import { type DockerEngine, statusOf } from './docker-engine.js';

export interface VolumeRequest {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly volumeBytes: number;
}

/**
 * Makes a volume, as large as it may be where the engine can hold it to that, or finds the one that is there.
 * https://docs.docker.com/reference/cli/docker/volume/create/ , option `size` of the driver `local`
 */
export async function ensureBoundedVolume(
  engine: DockerEngine,
  { name, labels, volumeBytes }: VolumeRequest,
  signal: AbortSignal,
): Promise<void> {
  // The engine takes the one that is there only as it was asked for; a later limit is not its own.
  if ((await engine.volume(name, signal)) !== null) return;
  const create = (options: Readonly<Record<string, string>>) =>
    engine.call(signal, (abortSignal) =>
      engine.docker.createVolume({ Name: name, Labels: labels, DriverOpts: options, abortSignal }),
    );
  try {
    await create({ size: String(volumeBytes) });
  } catch (error) {
    if (!isWithoutQuota(error)) throw error;
    await create({});
  }
}

/** As the engine says it of a file system that does not count by projects. */
const isWithoutQuota = (error: unknown): boolean =>
  statusOf(error) !== null && error instanceof Error && /quota/i.test(error.message);

/** Whether a volume is held to its size. */
export const isBounded = (volume: { readonly Options?: Readonly<Record<string, string>> | null } | null): boolean =>
  volume?.Options?.['size'] !== undefined;
