import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { AileronError } from '@aileron/errors';

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};
const MAX_LAYERS = 2;
/** Beyond it an answer is a bomb. */
const MAX_DECODED_BYTES = 268_435_456;

const notScrubbable = (cause?: unknown): AileronError => new AileronError('RESPONSE_NOT_SCRUBBABLE', {}, { cause });

/**
 * The codings of a Content-Encoding value, in the order in which they were applied; none for identity.
 * @throws AileronError RESPONSE_NOT_SCRUBBABLE for one that is not known here, or for too many
 */
export function contentCodings(value: string | undefined): readonly string[] {
  const codings = (value ?? '').toLowerCase().split(',');
  const known = codings.map((coding) => coding.trim()).filter((coding) => coding !== '' && coding !== 'identity');
  if (known.length > MAX_LAYERS || known.some((coding) => !Object.hasOwn(DECODERS, coding))) throw notScrubbable();
  return known;
}

/** The body without its codings, in constant memory. @throws AileronError RESPONSE_NOT_SCRUBBABLE when it is not so coded */
export function decodeBody(body: AsyncIterable<Buffer>, codings: readonly string[]): AsyncIterable<Buffer> {
  return codings.toReversed().reduce((layer, coding) => decodeLayer(layer, coding), body);
}

async function* decodeLayer(body: AsyncIterable<Buffer>, coding: string): AsyncGenerator<Buffer, void, undefined> {
  const decoder = DECODERS[coding]?.();
  if (decoder === undefined) throw notScrubbable();
  void feed(body, decoder);
  let bytes = 0;
  try {
    for await (const chunk of decoder as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_DECODED_BYTES) throw notScrubbable();
      yield chunk;
    }
  } catch (error) {
    throw AileronError.is(error) ? error : notScrubbable(error);
  } finally {
    decoder.destroy();
  }
}

/** Never rejects: a failure of the body reaches the reader through the decoder. */
async function feed(body: AsyncIterable<Buffer>, decoder: Transform): Promise<void> {
  try {
    for await (const chunk of body) {
      if (decoder.destroyed) return;
      if (!decoder.write(chunk)) await writable(decoder);
    }
    decoder.end();
  } catch (error) {
    decoder.destroy(error instanceof Error ? error : new Error('body failed'));
  }
}

function writable(decoder: Transform): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      decoder.off('drain', done);
      decoder.off('close', done);
      resolve();
    };
    decoder.on('drain', done);
    decoder.on('close', done);
  });
}
