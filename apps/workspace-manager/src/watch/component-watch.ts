import { setTimeout as delay } from 'node:timers/promises';
import { RuntimeService, TerminalService, type WatchStatusResponse } from '@aileron/contracts/grpc';
import { createClient, GrpcTransport } from '@aileron/service-host';
import { VERSION } from '../version.js';

/** A part says something every 5 s. */
const SILENT_MS = 20_000;
const DIAL_MS = 5_000;
const LONGEST_PAUSE_MS = 2_000;

export interface ComponentWatch {
  readonly component: 'runtime' | 'terminal';
  readonly address: string;
  readonly signal: AbortSignal;
  onStatus(status: WatchStatusResponse): Promise<void>;
  /** It was not reached so often in a row, or hung up. */
  onLost(times: number): Promise<void>;
}

/** Follows what a part says of itself, dialling again whenever it is gone, until the signal. */
export async function watchComponent(watch: ComponentWatch): Promise<void> {
  let times = 0;
  while (!watch.signal.aborted) {
    const heard = await follow(watch).catch(() => false);
    if (watch.signal.aborted) return;
    times = heard ? 1 : times + 1;
    await watch.onLost(times).catch(() => undefined);
    const pauseMs = Math.min(LONGEST_PAUSE_MS, 50 * 2 ** Math.min(times, 10));
    await delay(pauseMs, undefined, { signal: watch.signal }).catch(() => undefined);
  }
}

/** One connection. Whether anything was heard. */
async function follow({ component, address, signal, onStatus }: ComponentWatch): Promise<boolean> {
  const transport = new GrpcTransport({ address });
  const silent = new AbortController();
  const timer = setTimeout(() => silent.abort(), SILENT_MS);
  const service = component === 'runtime' ? RuntimeService : TerminalService;
  let heard = false;
  try {
    const client = createClient(service, transport, { version: VERSION, deadlineMs: DIAL_MS });
    for await (const status of client.watchStatus({}, { signal: AbortSignal.any([signal, silent.signal]) })) {
      timer.refresh();
      heard = true;
      await onStatus(status);
    }
  } catch {
    // What became of it is looked at by whoever watches.
  } finally {
    clearTimeout(timer);
    transport.close();
  }
  return heard;
}
