import { AileronError } from '@aileron/errors';
import type { LaunchProgress } from '../provisioner.port.js';
import { type DockerEngine, statusOf } from './docker-engine.js';
import { IMAGE_CONTRACT, LABELS } from './resource-names.js';

/** A registry that sends nothing for so long does not go on. */
const PULL_MS = 600_000;
/** https://github.com/distribution/reference: names, a tag or a digest; bounded. */
const REFERENCE = /^[a-z0-9][A-Za-z0-9._:/@-]{0,254}$/;

/**
 * The id of an image that a workspace can run in; it is pulled when it is not there. From here on the id counts, not the name.
 * @throws AileronError IMAGE_UNAVAILABLE
 */
export async function resolveImage(
  engine: DockerEngine,
  { reference, progress, signal }: { reference: string; progress: LaunchProgress; signal: AbortSignal },
): Promise<string> {
  if (!REFERENCE.test(reference)) throw unavailable(reference, 'This is not the name of an image.');
  let image = await engine.image(reference, signal);
  if (image === null) {
    await pullImage(engine, { reference, progress, signal });
    image = await engine.image(reference, signal);
  }
  if (image === null) throw unavailable(reference, 'The registry gave another image.');
  const contract = image.Config.Labels?.[LABELS.contract];
  if (contract !== IMAGE_CONTRACT) {
    const why = contract === undefined ? 'it is not built from images/workspace' : 'it is of another version';
    throw unavailable(reference, `A workspace cannot run in it: ${why}.`);
  }
  return image.Id;
}

interface PullEvent {
  readonly id?: string;
  readonly status?: string;
  readonly error?: string;
  readonly progressDetail?: { readonly current?: number };
}

async function pullImage(
  engine: DockerEngine,
  { reference, progress, signal }: { reference: string; progress: LaunchProgress; signal: AbortSignal },
): Promise<void> {
  progress.line(`pulling ${reference}`);
  const layers = new Map<string, number>();
  const onEvent = ({ id, status, progressDetail }: PullEvent): void => {
    if (id === undefined || status !== 'Downloading' || typeof progressDetail?.current !== 'number') return;
    layers.set(id, progressDetail.current);
    const bytes = [...layers.values()].reduce((total, layer) => total + layer, 0);
    progress.step({ name: 'image', status: 'running', bytes });
  };
  try {
    await engine.call(signal, (abortSignal) => follow(engine, { reference, onEvent, abortSignal }), PULL_MS);
  } catch (error) {
    if (AileronError.is(error) && error.code !== 'PROVISIONER_UNAVAILABLE') throw error;
    const known = statusOf(error) === 404 || statusOf(error) === 403;
    const reason = known ? 'The registry does not have it.' : 'It is not there, and no registry gave it.';
    throw unavailable(reference, reason, error);
  }
}

async function follow(
  { docker }: DockerEngine,
  input: { reference: string; onEvent: (event: PullEvent) => void; abortSignal: AbortSignal },
): Promise<void> {
  const stream = await docker.pull(input.reference, { abortSignal: input.abortSignal });
  await new Promise<void>((resolve, reject) => {
    const done = (error: Error | null): void => (error === null ? resolve() : reject(error));
    docker.modem.followProgress(stream, done, input.onEvent);
  });
}

const unavailable = (image: string, reason: string, cause?: unknown): AileronError =>
  new AileronError('IMAGE_UNAVAILABLE', { image: image.slice(0, 255), reason }, { cause });
