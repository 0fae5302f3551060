/** The agent's token of a Proxy-Authorization value: the password of `Basic session:<token>`, or `Bearer <token>`. */
export function readAgentToken(proxyAuthorization: string | undefined): string | null {
  const [, scheme, value] = /^(Basic|Bearer) +([A-Za-z0-9._~+/=-]{1,1024})$/i.exec(proxyAuthorization ?? '') ?? [];
  if (scheme === undefined || value === undefined) return null;
  if (scheme.toLowerCase() === 'bearer') return value;
  const [, user, password] = /^([^:]*):([^]+)$/.exec(Buffer.from(value, 'base64').toString('latin1')) ?? [];
  return user === 'session' ? (password ?? null) : null;
}
