import { isIPv4, isIPv6 } from 'node:net';

const MAX_NAME = 253;
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;
/** What a URL parser would take for a number, and so for an address in some other notation. */
const NUMERIC_LABEL = /^(?:\d+|0x[0-9a-f]*)$/;

/**
 * The one spelling of a host: lower case, no trailing dot, an IPv4 address in four plain decimals, IPv6 (written in
 * brackets) compressed and without them. null for everything else: percent escapes, non-ASCII (IDN comes as punycode),
 * zone ids, other notations of addresses, empty or long labels.
 */
export function canonicalHost(text: string): string | null {
  if (text.startsWith('[')) return text.endsWith(']') ? canonicalIpv6(text.slice(1, -1)) : null;
  if (text.length === 0 || text.length > MAX_NAME + 1) return null;
  const lower = text.toLowerCase();
  const name = lower.endsWith('.') ? lower.slice(0, -1) : lower;
  if (isIPv4(name)) return name;
  const labels = name.split('.');
  if (name.length > MAX_NAME || NUMERIC_LABEL.test(labels.at(-1) ?? '')) return null;
  for (const label of labels) if (!LABEL.test(label)) return null;
  return name;
}

function canonicalIpv6(address: string): string | null {
  if (!isIPv6(address) || address.includes('%')) return null;
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

export interface Authority {
  readonly host: string;
  /** null: none was written. */
  readonly port: number | null;
}

const PORT = /^[1-9]\d{0,4}$/;

/** `host` or `host:port`; no user info. null when it is not well formed. */
export function parseAuthority(text: string): Authority | null {
  const colon = text.startsWith('[') ? text.indexOf(':', text.indexOf(']')) : text.indexOf(':');
  if (colon < 0) return hostOnly(text);
  const digits = text.slice(colon + 1);
  const host = canonicalHost(text.slice(0, colon));
  if (host === null || !PORT.test(digits) || Number(digits) > 65_535) return null;
  return { host, port: Number(digits) };
}

function hostOnly(text: string): Authority | null {
  const host = canonicalHost(text);
  return host === null ? null : { host, port: null };
}
