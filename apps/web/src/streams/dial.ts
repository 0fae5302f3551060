import type { Dial } from '@aileron/live-stream';

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

/** Runs it when the browser says that there is a network again. Returns how to stop that. */
export const whenOnline = (run: () => void): (() => void) => {
  globalThis.addEventListener('online', run);
  return () => globalThis.removeEventListener('online', run);
};
