import type { Duplex } from 'node:stream';
import type { AileronError } from '@aileron/errors';
import { AgentResponse } from '../parse/agent-response.js';
import type { ByteSource } from '../parse/byte-source.js';
import { retryAfter } from '../retry-after.js';

export interface ClosingAnswer {
  readonly socket: Duplex;
  readonly source: ByteSource;
  readonly error: AileronError;
  readonly lingerMs: number;
}

/** The last answer on a connection. */
export function answerAndClose({ socket, source, error, lingerMs }: ClosingAnswer): void {
  if (!socket.destroyed) {
    void new AgentResponse({ socket, method: '', keepAlive: () => false }).problem(error, retryAfter(error));
  }
  lingerAndClose(socket, source, lingerMs);
}

/**
 * Ends our side and reads the other's away for a moment: closing with unread bytes resets the connection, and the agent
 * would never see its answer.
 */
export function lingerAndClose(socket: Duplex, source: ByteSource, lingerMs: number): void {
  source.detach();
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once('close', () => clearTimeout(timer));
  // The other side may have ended before ours is written out.
  socket.once('end', () =>
    socket.writableFinished ? socket.destroy() : socket.once('finish', () => socket.destroy()),
  );
  socket.end();
  socket.resume();
}
