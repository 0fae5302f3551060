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

export type Dial = (path: string, events: SocketEvents) => StreamSocket;

export const dialWebSocket: Dial = (path, events) => {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  let opened = false;
  socket.onopen = () => {
    opened = true;
    events.onOpen();
  };
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) =>
    events.onMessage(typeof data === 'string' ? data : new Uint8Array(data));
  socket.onclose = () => events.onEnd(opened);
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => socket.close(),
  };
};

/** For networks whose proxies break WebSockets: the same messages, one way. */
export const dialEventSource: Dial = (path, events) => {
  const source = new EventSource(path);
  let opened = false;
  source.onopen = () => {
    opened = true;
    events.onOpen();
  };
  source.onmessage = ({ data }: MessageEvent<string>) => events.onMessage(data);
  // It would connect again by itself, with the place of the first time.
  source.onerror = () => {
    source.close();
    events.onEnd(opened);
  };
  return { send: () => undefined, close: () => source.close() };
};
