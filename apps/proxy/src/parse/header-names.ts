/** Lower-case names that concern one connection only (RFC 9110 7.6.1 and old ones). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/** Agents do not tell upstreams (or us) where a request came from, where it goes, or which method it truly is. */
const ROUTING = new Set([
  'alt-used',
  'cf-connecting-ip',
  'client-ip',
  'fastly-client-ip',
  'forwarded',
  'front-end-https',
  'true-client-ip',
  'via',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-host',
  'x-http-destinationurl',
  'x-http-host-override',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-host',
  'x-original-method',
  'x-original-uri',
  'x-original-url',
  'x-override-url',
  'x-proxy-url',
  'x-real-ip',
  'x-rewrite-url',
]);

/** Ours to write: framing and target are made anew from what was parsed. */
const FRAMING = new Set(['host', 'content-length', 'expect']);

/** Many servers read `a_b` as `a-b` (CGI variables, WSGI, nginx with underscores on): judged as the same name. */
export function spelling(name: string): string {
  return name.includes('_') ? name.replaceAll('_', '-') : name;
}

export const isHopByHop = (name: string): boolean => HOP_BY_HOP.has(name);

/** Whether a request field goes no further than this proxy. */
export function isStrippedFromRequest(name: string): boolean {
  const spelt = spelling(name);
  return HOP_BY_HOP.has(spelt) || FRAMING.has(spelt) || ROUTING.has(spelt) || spelt.startsWith('x-forwarded');
}

/** Names of which two would let two readers choose differently. */
export const SINGLE_FIELDS = new Set([
  'authorization',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'proxy-authorization',
  'transfer-encoding',
  'x-api-key',
]);
