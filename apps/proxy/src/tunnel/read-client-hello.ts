import { AileronError } from '@aileron/errors';
import { parseClientHello } from '@aileron/tls';
import { SourceTimeout, type ByteSource } from '../parse/byte-source.js';
import type { Hello } from './target-agreement.js';

/**
 * The ClientHello at the start of a tunnel; its bytes stay in the source. null when the agent went away.
 * @throws AileronError PROTOCOL_REFUSED for anything that is not TLS; SourceTimeout
 */
export async function readClientHello(source: ByteSource, timeoutMs: number): Promise<Hello | null> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const hello = parseClientHello(source.peek());
    if (hello.status === 'ok') return hello;
    if (hello.status !== 'incomplete') throw new AileronError('PROTOCOL_REFUSED', { reason: hello.status });
    if (source.ended) return null;
    const left = deadline - performance.now();
    if (left <= 0) throw new SourceTimeout();
    await source.more(left);
  }
}
