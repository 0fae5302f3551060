import { isIP } from 'node:net';
import { AileronError } from '@aileron/errors';
import type { Resolver } from './resolver.port.js';
import { isDeclarableAddress, isSpecialAddress } from './special-address.js';
import { isHostName, isSpecialName } from './special-name.js';
import { untilAborted } from './until-aborted.js';

/** A destination inside a private range that a platform administrator declared. */
export interface DeclaredDestination {
  readonly host: string;
  readonly port: number;
}

export interface VetInput {
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  readonly resolver: Resolver;
  readonly signal: AbortSignal;
  readonly declared?: readonly DeclaredDestination[];
}

/** Ports of control planes that no declaration opens: Docker, etcd, Kubernetes, kubelet. */
const CONTROL_PORTS = new Set([2375, 2376, 2379, 2380, 6443, 10250, 10255]);
const LARGEST_ANSWER = 64;

/**
 * The one address to dial for a host. Every address of the answer must be public: one bad address refuses all, so that
 * an answer that mixes them gains nothing. The caller dials this address and no other. A declared destination may also
 * be private, loopback or shared; it is never metadata, link-local or multicast, nor a control plane's port.
 * @throws AileronError DESTINATION_REFUSED, UPSTREAM_UNREACHABLE
 */
export async function vetHost({ host, port, resolver, signal, declared = [] }: VetInput): Promise<string> {
  const name = normal(host);
  const isDeclared = declared.some((each) => normal(each.host) === name && each.port === port);
  const opened = isDeclared && !CONTROL_PORTS.has(port);
  const isAllowed = opened ? isDeclarableAddress : (address: string) => !isSpecialAddress(address);
  const literal = isIP(name) !== 0;
  if (literal && !isAllowed(name)) throw refused(name);
  if (!literal && (!isHostName(name) || (!opened && isSpecialName(name)))) throw refused(name);
  const addresses = literal ? [name] : await resolve(name, resolver, signal);
  if (addresses.length > LARGEST_ANSWER || !addresses.every(isAllowed)) throw refused(name);
  const [first] = addresses;
  if (first === undefined) throw new AileronError('UPSTREAM_UNREACHABLE', { host: name });
  return first;
}

const normal = (host: string): string => host.toLowerCase().replace(/\.$/, '');

async function resolve(host: string, resolver: Resolver, signal: AbortSignal): Promise<readonly string[]> {
  try {
    return await untilAborted(resolver.resolve(host, signal), signal);
  } catch (cause) {
    throw new AileronError('UPSTREAM_UNREACHABLE', { host }, { cause });
  }
}

const refused = (host: string): AileronError => new AileronError('DESTINATION_REFUSED', { host });
