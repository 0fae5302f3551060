const SUFFIXES = ['localhost', 'local', 'internal', 'localdomain', 'home.arpa', 'lan', 'intranet', 'corp', 'svc', 'cluster.local', 'onion'];

/** Names that mean this machine, its container host, a cluster or a private network, whatever they resolve to. */
export function isSpecialName(host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '');
  if (!name.includes('.')) return true;
  return SUFFIXES.some((suffix) => name === suffix || name.endsWith(`.${suffix}`));
}
