import { connect, createServer, type Server, type Socket } from 'node:net';

const CONNECT_ATTEMPTS = 50;
const CONNECT_PAUSE_MS = 100;
const MAX_CONNECTIONS = 1_024;

const UNAVAILABLE_BODY = JSON.stringify({
  type: 'about:blank',
  title: 'The proxy cannot be reached.',
  status: 503,
  code: 'ENFORCEMENT_UNAVAILABLE',
  action: 'Wait; the service of this session does not answer.',
});
const UNAVAILABLE_ANSWER =
  `HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\nretry-after: 2\r\n` +
  `content-length: ${Buffer.byteLength(UNAVAILABLE_BODY)}\r\nconnection: close\r\n\r\n${UNAVAILABLE_BODY}`;

/**
 * Each TCP connection becomes a connection of its own to the proxy's socket, byte for byte, with back-pressure and half-close.
 * The socket is opened anew each time, so that a proxy that was restarted is found again; one that is just starting is
 * waited for.
 */
export function createForwarder(socketPath: string): Server {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => void forward(client, socketPath));
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}

async function forward(client: Socket, socketPath: string): Promise<void> {
  client.on('error', () => client.destroy());
  client.pause();
  const proxy = await connectProxy(socketPath, client);
  if (client.destroyed) {
    proxy?.destroy();
    return;
  }
  if (proxy === null) {
    client.end(UNAVAILABLE_ANSWER);
    client.resume();
    return;
  }
  client.on('close', () => proxy.destroy());
  proxy.on('close', () => client.destroySoon());
  proxy.on('error', () => client.destroy());
  client.pipe(proxy);
  proxy.pipe(client);
}

async function connectProxy(socketPath: string, client: Socket): Promise<Socket | null> {
  for (let attempt = 0; attempt < CONNECT_ATTEMPTS && !client.destroyed; attempt += 1) {
    const socket = await tryConnect(socketPath);
    if (socket !== null) return socket;
    await new Promise((resolve) => setTimeout(resolve, CONNECT_PAUSE_MS));
  }
  return null;
}

function tryConnect(path: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect({ path, allowHalfOpen: true });
    socket.once('error', () => resolve(null));
    socket.once('connect', () => resolve(socket));
  });
}
