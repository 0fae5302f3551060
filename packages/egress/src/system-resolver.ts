import { lookup } from 'node:dns/promises';
import type { Resolver } from './resolver.port.js';
import { untilAborted } from './until-aborted.js';

/** The operating system's resolver: hosts file and search order included, as other programs of this machine see it. */
export class SystemResolver implements Resolver {
  async resolve(host: string, signal: AbortSignal): Promise<readonly string[]> {
    const answers = await untilAborted(lookup(host, { all: true, order: 'ipv4first' }), signal);
    return answers.map(({ address }) => address);
  }
}
