import { Session, type Profiler } from 'node:inspector/promises';
import { createServer, type Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Between two looks at the clock, ms. */
const RESOLUTION_MS = 1;
const SAMPLE_EVERY_MICROS = 250;

/** How late the event loop of this process was, ms beyond the timer's own millisecond. */
export interface EventLoopDelay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export type CpuProfile = Profiler.Profile;

/** What the probe can watch, and what it answers with. */
export interface Probes {
  readonly loop: EventLoopDelay;
  readonly profile: CpuProfile;
}

type Stop<P extends keyof Probes> = () => Promise<Probes[P]>;

function watchLoop(): Stop<'loop'> {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  return () => {
    histogram.disable();
    const late = (nanos: number): number => Math.max(0, nanos / 1e6 - RESOLUTION_MS);
    return Promise.resolve({
      p50: late(histogram.percentile(50)),
      p99: late(histogram.percentile(99)),
      max: late(histogram.max),
    });
  };
}

async function profile(): Promise<Stop<'profile'>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_MICROS });
  await session.post('Profiler.start');
  return async () => {
    const { profile: found } = await session.post('Profiler.stop');
    session.disconnect();
    return found;
  };
}

async function serve(socket: Socket, wanted: string): Promise<void> {
  const stop = wanted === 'profile' ? await profile() : watchLoop();
  socket.write('watching\n');
  const end = (): void => {
    stop().then(
      (value) => socket.end(JSON.stringify(value)),
      () => socket.destroy(),
    );
  };
  if (socket.readableEnded) end();
  else socket.once('end', end);
}

/**
 * Watches the process that loads it, while somebody is connected to its socket and has said what: with nobody there it
 * costs nothing. When that side ends its half, what was seen is the answer.
 */
export function listenForProbe(socketPath: string): void {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.unref();
    socket.on('error', () => socket.destroy());
    socket.once('data', (wanted: Buffer) => void serve(socket, wanted.toString()));
  });
  server.listen(socketPath);
  server.unref();
}
