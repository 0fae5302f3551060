import { isIP } from 'node:net';
import { AileronError } from '@aileron/errors';
import type { Resolver } from './resolver.port.js';
import { isSpecialAddress } from './special-address.js';
import { isSpecialName } from './special-name.js';

/** A destination inside a private range that a platform administrator declared. */
export interface DeclaredDestination {
  readonly host: string;
  readonly port: number;
}

export interface VetInput {
  readonly host: string;
  readonly port: number;
  readonly resolver: Resolver;
  readonly signal: AbortSignal;
  readonly declared?: readonly DeclaredDestination[];
}

/** Ports of control planes that are never an API for an agent: etcd, Kubernetes, kubelet, Docker. */
const CONTROL_PORTS = new Set([2375, 2376, 2379, 2380, 6443, 10250, 10255]);
const LARGEST_ANSWER = 64;

/**
 * The one address to dial for a host. Every address of the answer must be public: one bad address refuses all, so that
 * an answer that mixes them gains nothing. The caller dials this address and no other.
 * @throws AileronError DESTINATION_REFUSED, UPSTREAM_UNREACHABLE
 */
export async function vetHost({ host, port, resolver, signal, declared = [] }: VetInput): Promise<string> {
  const name = host.toLowerCase();
  const isDeclared = declared.some((each) => each.host === name && each.port === port) && !CONTROL_PORTS.has(port);
  if (!isDeclared && (isIP(name) === 0 ? isSpecialName(name) : isSpecialAddress(name))) throw refused(name);
  const addresses = isIP(name) === 0 ? await resolve(name, resolver, signal) : [name];
  if (!isDeclared && addresses.some(isSpecialAddress)) throw refused(name);
  const [first] = addresses;
  if (first === undefined) throw new AileronError('UPSTREAM_UNREACHABLE', { host: name });
  return first;
}

async function resolve(host: string, resolver: Resolver, signal: AbortSignal): Promise<readonly string[]> {
  try {
    return (await resolver.resolve(host, signal)).slice(0, LARGEST_ANSWER);
  } catch (cause) {
    throw new AileronError('UPSTREAM_UNREACHABLE', { host }, { cause });
  }
}

const refused = (host: string): AileronError => new AileronError('DESTINATION_REFUSED', { host });
