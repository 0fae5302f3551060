import type { BytesReader } from './http.js';

/** A message may hold a snapshot of a whole conversation. */
const LARGEST_MESSAGE = 32 << 20;
/** The service shows a sign of life every 15 s. */
const SILENT_AFTER_MS = 60_000;

/**
 * The messages of a `text/event-stream` (WHATWG HTML, 9.2): the `data` of each, as JSON. Returns when the stream ends.
 * @throws Error when a message is too large or is no JSON, or nothing comes for a minute
 */
export async function* readEventStream(reader: BytesReader): AsyncGenerator<unknown, void, undefined> {
  const decoder = new TextDecoder();
  let pending = '';
  let data: string[] = [];
  try {
    for (;;) {
      const { done, value } = await readInTime(reader);
      if (done) return;
      pending += decoder.decode(value, { stream: true });
      const lines = pending.split(/\r\n|\n|\r(?!$)/);
      pending = lines.pop() ?? '';
      if (pending.length > LARGEST_MESSAGE) throw new Error('a message of the stream is too large');
      for (const line of lines) {
        if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5));
        if (line !== '' || data.length === 0) continue;
        yield JSON.parse(data.join('\n')) as unknown;
        data = [];
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function readInTime(reader: BytesReader): ReturnType<BytesReader['read']> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the stream is silent')), SILENT_AFTER_MS);
  });
  try {
    return await Promise.race([reader.read(), silence]);
  } finally {
    clearTimeout(timer);
  }
}
