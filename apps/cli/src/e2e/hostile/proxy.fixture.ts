// Part of a program that is run in a workspace: what the way out does for whom it does not serve.
import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type Attempts, found, type Targets } from './attempt.fixture.js';

const ANSWER_MS = 15_000;
const PROXY = { host: '127.0.0.1', port: 3128 };
const PRIVATE = ['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '0.0.0.0', '10.0.0.1', '192.168.0.1'];
const PRIVATE_TOO = ['169.254.169.254', '100.100.100.200', '[::1]', '[::ffff:127.0.0.1]', '[fd00:ec2::254]', '[::]'];
const LOCAL_NAMES = ['localhost', 'localhost.', 'metadata.google.internal', 'host.docker.internal', 'vm.internal'];
/** Of the page, the management plane and the manager. */
const DECISIONS = [
  ['POST', '/v1/sessions'],
  ['GET', '/v1/sessions'],
  ['GET', '/v1/vaults'],
  ['GET', '/api/v1/workspaces'],
  ['GET', '/v1/self/../sessions'],
  ['GET', '/v1/self/%2e%2e/sessions'],
  ['POST', '/v1/self/approvals'],
] as const;

export const ownToken = (): string => process.env['AILERON_TOKEN'] ?? '';
const basic = (token: string): string => `Basic ${Buffer.from(`session:${token}`).toString('base64')}`;

export function proxyAttempts({ ports, addresses, tokens: reversed, names, approvalId }: Targets): Attempts {
  const own = basic(ownToken());
  const tokens = reversed.map((token) => token.split('').toReversed().join(''));
  const foreign = [null, '', 'Basic', 'Basic !', ...['x', '', ...tokens].map(basic), `Bearer ${tokens[0] ?? 'x'}`];
  const privately = [...PRIVATE, ...PRIVATE_TOO, ...addresses.map((each) => (each.includes(':') ? `[${each}]` : each))];
  return {
    'the proxy without a token of this session': () =>
      successes(foreign.map((as) => ({ head: `CONNECT api.linear.app:443 HTTP/1.1`, host: 'api.linear.app:443', as }))),
    'the session of somebody else': () =>
      successes(
        [...tokens, 'x'].map((token) => ({ head: 'GET /v1/self/status HTTP/1.1', authorization: `Bearer ${token}` })),
      ),
    'private addresses through the proxy': () =>
      successes(privately.flatMap((host) => [443, 80, ...ports.slice(0, 4)].map((port) => tunnelTo(host, port, own)))),
    'names of private addresses through the proxy': () =>
      reachedByName(
        [...LOCAL_NAMES, ...names].flatMap((host) => [443, ports[0] ?? 80].map((port) => ({ host, port, own }))),
      ),
    'services of the host through the proxy without TLS': () =>
      successes(
        ports.map((port) => ({
          head: `GET http://127.0.0.1:${port}/health HTTP/1.1`,
          host: `127.0.0.1:${port}`,
          as: own,
        })),
      ),
    'deciding instead of asking': () => {
      const decisions = ['approve', 'decision', 'decisions'].map((word) => [
        'POST',
        `/v1/approvals/${approvalId}/${word}`,
      ]);
      const headers = [`Bearer ${ownToken()}`, own];
      return successes(
        [...DECISIONS, ...decisions].flatMap(([method, path]) =>
          headers.map((authorization) => ({ head: `${method} ${path} HTTP/1.1`, authorization })),
        ),
      );
    },
    'a tunnel that is not what it was asked for': async () => {
      const pairs = [
        ['api.anthropic.com', 'api.linear.app'],
        ['api.linear.app', 'api.anthropic.com'],
        ['api.linear.app', '127.0.0.1'],
        ['api.linear.app', 'api.linear.app:444'],
      ];
      const tried = pairs.map(async ([sni = '', host = '']) => {
        const to = { connect: 'api.linear.app:443', sni, host };
        return (await answered(to, own)) ? [`${sni} for ${host}`] : [];
      });
      return found((await Promise.all(tried)).flat());
    },
    'bytes that are no request': async () => {
      const sent = [
        '\x05\x01\x00',
        '\x04\x01\x01\xbb\x00\x00\x00\x01x\x00localhost\x00',
        'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
        '\0',
      ];
      const answers = await Promise.all(sent.map((bytes) => exchange(`${bytes}\r\n\r\n`)));
      return found(answers.filter((answer) => /^(HTTP\/1.1 2|\x05[\x00\x02]|\x00Z)/.test(answer)));
    },
  };
}

interface Question {
  readonly head: string;
  readonly host?: string;
  readonly as?: string | null;
  readonly authorization?: string;
}

const tunnelTo = (host: string, port: number, as: string): Question => ({
  head: `CONNECT ${host}:${port} HTTP/1.1`,
  host: `${host}:${port}`,
  as,
});

const linesOf = ({ head, host, as, authorization }: Question): string =>
  [
    head,
    `Host: ${host ?? '127.0.0.1:3128'}`,
    ...(as === undefined || as === null ? [] : [`Proxy-Authorization: ${as}`]),
    ...(authorization === undefined ? [] : [`Authorization: ${authorization}`]),
    '\r\n',
  ].join('\r\n');

/** Those that were answered with anything but a refusal. */
async function successes(questions: readonly Question[]): Promise<string | null> {
  const answers: string[] = [];
  // A few at a time: the proxy slows down who asks wrongly too often.
  for (let at = 0; at < questions.length; at += 16) {
    const few = questions.slice(at, at + 16);
    answers.push(...(await Promise.all(few.map(async (each) => statusOf(await exchange(linesOf(each)), each)))).flat());
  }
  return found(answers);
}

const statusOf = (answer: string, { head }: Question): string[] =>
  /^HTTP\/1.1 [123]/.test(answer) ? [`${head} → ${answer.slice(9, 60)}`] : [];

/** What the proxy says first; empty when it says nothing. */
export function exchange(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(PROXY, () => socket.write(text, 'latin1'));
    const end = (answer: string): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ANSWER_MS, () => end(''));
    socket.once('data', (data: Buffer) => end(data.toString('latin1')));
    socket.once('error', () => end('')).once('close', () => end(''));
  });
}

/** A tunnel is opened before the name is looked up: what counts is whether anybody answers in it. */
async function reachedByName(places: readonly { host: string; port: number; own: string }[]): Promise<string | null> {
  const tried = places.map(async ({ host, port, own }) => {
    const connect = `${host}:${port}`;
    return (await answered({ connect, sni: host.replace(/\.$/, ''), host }, own)) ? [connect] : [];
  });
  return found((await Promise.all(tried)).flat());
}

/** Opens a tunnel, says a name in the handshake and one in the request: whether that was answered with success. */
async function answered(to: { connect: string; sni: string; host: string }, as: string): Promise<boolean> {
  const socket = connect(PROXY);
  const signal = AbortSignal.timeout(ANSWER_MS);
  try {
    socket.write(linesOf({ head: `CONNECT ${to.connect} HTTP/1.1`, host: to.connect, as }));
    const [answer] = (await once(socket, 'data', { signal })) as [Buffer];
    if (!answer.toString('latin1').startsWith('HTTP/1.1 200')) return false;
    const secure = connectTls({ socket, servername: to.sni, rejectUnauthorized: false });
    await once(secure, 'secureConnect', { signal });
    const body = JSON.stringify({ query: '{ viewer { id } }' });
    const head = `POST /graphql HTTP/1.1\r\nHost: ${to.host}\r\nContent-Type: application/json\r\n`;
    secure.write(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
    const [told] = (await once(secure, 'data', { signal })) as [Buffer];
    return /^HTTP\/1.1 [123]/.test(told.toString('latin1'));
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
