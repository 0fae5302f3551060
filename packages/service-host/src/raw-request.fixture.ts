// One request as bytes, and what came back: a client library would not send the headers that matter.
import { connect } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** To a port of loopback; the request must ask for the connection to be closed. */
export function rawRequest(port: number, bytes: string): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(bytes));
    socket.setTimeout(5_000, () => socket.destroy(new Error('no answer')));
    socket.setEncoding('utf8').on('data', (chunk) => (text += chunk));
    socket.once('error', reject).once('end', () => {
      socket.destroy();
      const [head = '', body = ''] = text.split(/\r\n\r\n(.*)/s);
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head, body: unchunked(head, body) });
    });
  });
}

const unchunked = (head: string, body: string): string =>
  /transfer-encoding: chunked/i.test(head) ? body.replace(/[0-9a-f]+\r\n([^]*?)\r\n(?=[0-9a-f]+\r\n|$)/gi, '$1') : body;
