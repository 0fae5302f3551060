import type { Socket } from 'node:net';
import { AileronError } from '@aileron/errors';
import type { AgentApiCaller, RefusalRecord, SessionIdentity } from '../exchange.js';
import { ByteSource, SourceTimeout } from '../parse/byte-source.js';
import { parseRequestMessage, fieldValue, type RequestMessage } from '../parse/request-message.js';
import { requestOnSocket, type TunnelTarget } from '../parse/request-head.js';
import { openTunnel } from '../tunnel/open-tunnel.js';
import { answerAndClose } from '../tunnel/answer-and-close.js';
import { readMessageHead } from '../tunnel/read-message-head.js';
import { serveExchange } from '../tunnel/serve-exchange.js';
import { connectTarget } from './connect-request.js';
import type { WireContext } from './wire-context.js';

const ESTABLISHED = Buffer.from('HTTP/1.1 200 Connection Established\r\n\r\n');
const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\//i;

/** One connection to a session's socket or to the port: a CONNECT, or requests to the agent's own API. Never rejects. */
export async function serveConnection<S extends SessionIdentity>(
  socket: Socket,
  context: WireContext<S>,
): Promise<void> {
  socket.on('error', ignore);
  const source = new ByteSource(socket);
  try {
    if (source.buffered === 0) await source.more(context.firstMs);
    for (let more = true; more;) more = await serveMessage({ socket, source, context });
  } catch (error) {
    if (!(error instanceof SourceTimeout) && !socket.destroyed) refuse({ socket, source, context, error });
    else socket.destroy();
  }
}

export interface Connection<S extends SessionIdentity> {
  readonly socket: Socket;
  readonly source: ByteSource;
  readonly context: WireContext<S>;
}

/** Whether another message may follow on this connection. */
async function serveMessage<S extends SessionIdentity>(connection: Connection<S>): Promise<boolean> {
  const { socket, source, context } = connection;
  const head = await readMessageHead(source, context.limits);
  if (head === null) {
    socket.destroy();
    return false;
  }
  const message = parseRequestMessage(head);
  if (message.method === 'CONNECT') {
    await serveConnect(connection, message);
    return false;
  }
  if (ABSOLUTE.test(message.rawTarget)) throw new AileronError('PLAINTEXT_REFUSED');
  const caller = await agentApiCaller(context, message);
  return await serveExchange({
    socket,
    source,
    message,
    head: requestOnSocket(message),
    limits: context.limits,
    handle: (...exchange) => context.handlers.handleAgentApi(caller, ...exchange),
  });
}

/** On the port nobody is heard who does not show a token. @throws AileronError UNAUTHENTICATED */
async function agentApiCaller<S extends SessionIdentity>(
  { socketSessionId, handlers, admit }: WireContext<S>,
  { fields }: RequestMessage,
): Promise<AgentApiCaller<S>> {
  if (socketSessionId !== null) return { socketSessionId, session: null };
  const shown = fieldValue(fields, 'proxy-authorization') ?? fieldValue(fields, 'authorization');
  const session = await authenticateApi(handlers, shown);
  admit(session);
  return { socketSessionId, session };
}

async function authenticateApi<S extends SessionIdentity>(
  handlers: WireContext<S>['handlers'],
  proxyAuthorization: string | undefined,
): Promise<S> {
  try {
    return await handlers.authenticate({ proxyAuthorization, socketSessionId: null });
  } catch (error) {
    throw AileronError.is(error, 'PROXY_AUTHENTICATION_REQUIRED') ? new AileronError('UNAUTHENTICATED') : error;
  }
}

async function serveConnect<S extends SessionIdentity>(
  connection: Connection<S>,
  message: RequestMessage,
): Promise<void> {
  const { socket, context } = connection;
  const { handlers, socketSessionId } = context;
  const target = connectTarget(message);
  let session: S | null = null;
  try {
    const proxyAuthorization = fieldValue(message.fields, 'proxy-authorization');
    session = await handlers.authenticate({ proxyAuthorization, socketSessionId });
    context.admit(session);
    const decision = await handlers.tunnelDecision(session, target.host, target.port);
    if (socket.destroyed) return;
    handlers.onTunnel(session, target.host, socket);
    socket.write(ESTABLISHED);
    await openTunnel({ ...connection, session, target, decision });
  } catch (error) {
    refuse({ ...connection, error, session, target });
  }
}

/** Answers in the clear, as the proxy itself: nothing has been tunnelled yet. */
function refuse<S extends SessionIdentity>(
  input: Connection<S> & { readonly error: unknown; readonly session?: S | null; readonly target?: TunnelTarget },
): void {
  const { socket, source, context } = input;
  const error = AileronError.from(input.error);
  const record: RefusalRecord<S> = {
    session: input.session ?? null,
    socketSessionId: context.socketSessionId,
    stage: 'accept',
    host: input.target?.host ?? null,
    port: input.target?.port ?? null,
    error,
  };
  context.handlers.onRefusal(record);
  answerAndClose({ socket, source, error, lingerMs: context.limits.lingerMs });
}

const ignore = (): void => undefined;
