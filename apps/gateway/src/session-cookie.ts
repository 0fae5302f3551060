const NAME = 'aileron_session';
const VALUE = /^[A-Za-z0-9_-]{43}$/;

/** The session of a Cookie header; one that is there twice is nobody's. */
export function readSessionCookie(header: string | undefined): string | undefined {
  const values = (header ?? '')
    .split(';')
    .map((pair) => pair.trim().split('='))
    .filter(([name]) => name === NAME)
    .map(([, value]) => value ?? '');
  const [value, ...more] = values;
  return value !== undefined && more.length === 0 && VALUE.test(value) ? value : undefined;
}

/** No script reads it and no other site sends it. Not `Secure`: with login off the page is on loopback, in the clear. */
export const sessionCookie = (sessionId: string, maxAgeSeconds: number): string =>
  `${NAME}=${sessionId}; Max-Age=${maxAgeSeconds}; Path=/; HttpOnly; SameSite=Strict`;
