import type { WebSocket } from 'ws';

/** What was read and is not handled yet: from here on the socket is not read, and at twice as much it is closed. */
const INPUTS_WAITING = 128;
const INPUT_BYTES_WAITING = 1_024 * 1_024;
/** RFC 6455 7.4.1 */
const POLICY_VIOLATION = 1008;

/** Handles what the reader sends, in order; what is answered goes to it. */
export function receiveInput(client: WebSocket, onInput: (text: string) => Promise<object | undefined>): void {
  let handling: Promise<void> = Promise.resolve();
  let [waiting, bytes] = [0, 0];
  client.on('message', (data: Buffer, isBinary) => {
    waiting += 1;
    bytes += data.byteLength;
    const share = Math.max(waiting / INPUTS_WAITING, bytes / INPUT_BYTES_WAITING);
    if (isBinary || share > 2) return client.close(POLICY_VIOLATION);
    if (share >= 1) client.pause();
    handling = handling
      .then(() => onInput(data.toString('utf8')))
      .then((answer) => {
        if (answer !== undefined && client.readyState === client.OPEN) client.send(JSON.stringify(answer));
      })
      .catch(() => client.close(POLICY_VIOLATION))
      .finally(() => {
        waiting -= 1;
        bytes -= data.byteLength;
        if (waiting === 0) client.resume();
      });
  });
}
