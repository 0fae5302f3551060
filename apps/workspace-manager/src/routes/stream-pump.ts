import type { StreamNotice } from '@aileron/contracts/workspace';
import { AileronError } from '@aileron/errors';
import type { ServedStream } from './stream-sources.js';

const HEARTBEAT_MS = 10_000;
/** A reader that takes nothing for so long is cut. */
const STUCK_MS = 60_000;

/** Where messages go. `send` resolves once the reader's socket has taken it. */
export interface StreamSink {
  send(message: string | Uint8Array): Promise<void>;
}

/**
 * Everything of a stream into a sink, at the reader's pace, with signs of life in between, until the stream or the
 * signal ends. Why it ended badly is said as the last message.
 */
export async function pumpStream(
  { messages }: ServedStream,
  sink: StreamSink,
  { signal, cut }: { readonly signal: AbortSignal; readonly cut: () => void },
): Promise<void> {
  let sending: Promise<void> = Promise.resolve();
  let waiting = 0;
  const send = (message: object | Uint8Array): Promise<void> => {
    waiting += 1;
    const stuck = setTimeout(cut, STUCK_MS);
    const data = message instanceof Uint8Array ? message : JSON.stringify(message);
    sending = sending
      .then(() => sink.send(data))
      .finally(() => {
        waiting -= 1;
        clearTimeout(stuck);
      });
    return sending;
  };
  const beat = setInterval(() => {
    if (waiting === 0) void send(heartbeat()).catch(cut);
  }, HEARTBEAT_MS);
  try {
    for await (const message of messages) {
      await send(message);
      if (signal.aborted) break;
    }
  } catch (error) {
    if (!signal.aborted) await send(refusal(error)).catch(() => undefined);
  } finally {
    clearInterval(beat);
  }
}

const heartbeat = (): StreamNotice => ({ type: 'heartbeat', at: new Date().toISOString() });

function refusal(thrown: unknown): StreamNotice {
  const { code, message } = AileronError.from(thrown);
  return { type: 'refused', code, message };
}
