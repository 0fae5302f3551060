/** One attachment to a stream, over WebSocket or as SSE. */
export interface StreamSocket {
  send(text: string): void;
  close(): void;
}

export interface SocketEvents {
  onOpen(): void;
  onMessage(data: string | Uint8Array): void;
  /** Once, however it ended. `opened`: whether it ever was. */
  onEnd(opened: boolean): void;
}

/** A way to connect. It tells what happens later, never while it is called. */
export type Dial = (path: string, events: SocketEvents) => StreamSocket;
