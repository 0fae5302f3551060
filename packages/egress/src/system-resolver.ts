import { lookup } from 'node:dns/promises';
import type { Resolver } from './resolver.port.js';

/** The operating system's resolver: hosts file and search order included, as other programs of this machine see it. */
export class SystemResolver implements Resolver {
  async resolve(host: string, signal: AbortSignal): Promise<readonly string[]> {
    const answers = await Promise.race([lookup(host, { all: true, order: 'ipv4first' }), aborted(signal)]);
    return answers.map(({ address }) => address);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const reason = (): void => reject(signal.reason as Error);
    if (signal.aborted) reason();
    else signal.addEventListener('abort', reason, { once: true });
  });
}
