import { lstatSync, statSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { AileronError } from '@aileron/errors';

/** sockaddr_un, unix(7): 108 bytes with the NUL at the end. */
const LONGEST_PATH = 107;
const ANSWER_WITHIN_MS = 2_000;

/**
 * Makes way for a socket: its folder must be its owner's alone, and what a killed process left there is removed. A socket
 * that somebody listens on, and anything that is no socket, stays.
 * @throws AileronError HOME_PATH_TOO_LONG, CONFIG_INVALID, PORT_IN_USE
 */
export async function prepareUnixSocket(path: string): Promise<void> {
  if (Buffer.byteLength(path) > LONGEST_PATH)
    throw new AileronError('HOME_PATH_TOO_LONG', { limitBytes: LONGEST_PATH });
  if ((statSync(dirname(path)).mode & 0o077) !== 0) throw wrong('the folder of a socket must be 0700');
  const present = lstatSync(path, { throwIfNoEntry: false });
  if (present === undefined) return;
  if (!present.isSocket()) throw wrong('what is there is not a socket');
  if (await isAnswered(path)) throw new AileronError('PORT_IN_USE', { address: `unix:${path}` });
  unlinkSync(path);
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    // A listener too busy to answer is a listener: only a refusal says that nobody is there.
    socket.setTimeout(ANSWER_WITHIN_MS, () => end(true));
    socket
      .once('connect', () => end(true))
      .once('error', (error) => end(!('code' in error) || error.code !== 'ECONNREFUSED'));
  });
}

const wrong = (message: string): AileronError =>
  new AileronError('CONFIG_INVALID', { fields: [{ field: 'address', message }] });
