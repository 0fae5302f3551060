import type { Socket } from 'node:net';

export interface JoinInput {
  readonly agent: Socket;
  readonly upstream: Socket;
  /** Read from the agent already: its ClientHello. */
  readonly first: Buffer;
  /** Without a byte in either direction. */
  readonly idleMs: number;
}

export interface JoinEnd {
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly end: 'closed' | 'idle' | 'cut' | 'error';
}

/** Passes both directions, each ended by itself (half-close) and slowed down to what its reader takes. Never rejects. */
export function joinSockets({ agent, upstream, first, idleMs }: JoinInput): Promise<JoinEnd> {
  const bytes = { up: 0, down: 0 };
  let end: JoinEnd['end'] = 'closed';
  const breakOff = (how: JoinEnd['end']): void => {
    if (end === 'closed') end = how;
    agent.destroy();
    upstream.destroy();
  };
  const idle = setTimeout(() => breakOff('idle'), idleMs);
  const count = (direction: 'up' | 'down') => (length: number) => {
    bytes[direction] += length;
    idle.refresh();
  };
  pump(agent, upstream, count('up'));
  pump(upstream, agent, count('down'));
  if (first.length > 0) {
    count('up')(first.length);
    upstream.write(first);
  }
  agent.resume();
  return Promise.all([closed(agent, breakOff), closed(upstream, breakOff)]).then(() => {
    clearTimeout(idle);
    return { bytesUp: bytes.up, bytesDown: bytes.down, end };
  });
}

/** A socket that closes before both its directions ended takes the other with it. */
function closed(socket: Socket, breakOff: (how: JoinEnd['end']) => void): Promise<void> {
  return new Promise((resolve) => {
    socket.on('error', () => breakOff('error'));
    const onClose = (): void => {
      if (!socket.readableEnded || !socket.writableFinished) breakOff('cut');
      resolve();
    };
    if (socket.closed) onClose();
    else socket.once('close', onClose);
  });
}

function pump(from: Socket, to: Socket, count: (length: number) => void): void {
  from.on('data', (chunk: Buffer) => {
    count(chunk.length);
    if (!to.write(chunk)) from.pause();
  });
  to.on('drain', () => from.resume());
  if (from.readableEnded) to.end();
  else from.once('end', () => to.end());
}
