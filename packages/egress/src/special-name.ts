/** What is under these is this machine, its container host, a cluster or a private network. */
const SUFFIXES = [
  'localhost',
  'localdomain',
  'local',
  'internal',
  'home.arpa',
  'in-addr.arpa',
  'ip6.arpa',
  'lan',
  'home',
  'intranet',
  'corp',
  'private',
  'svc',
  'kubernetes.default',
  'cluster.local',
  'onion',
];

/** Names that mean this machine, its container host, a cluster or a private network, whatever they resolve to. */
export function isSpecialName(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  if (!name.includes('.')) return true;
  return SUFFIXES.some((suffix) => name === suffix || name.endsWith(`.${suffix}`));
}

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * Whether a text is the name of a host and nothing else: ASCII labels (an international name comes as xn--), at most
 * 253 characters, no dot at the end, and a last label that is no number. A resolver takes 0x7f.1, 017700000001 and 2130706433 for
 * addresses (inet_aton); as a name each is refused here.
 */
export function isHostName(host: string): boolean {
  const name = host.toLowerCase();
  if (name.length === 0 || name.length > 253) return false;
  const labels = name.split('.');
  if (!labels.every((label) => LABEL.test(label))) return false;
  return !/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) ?? '');
}
