import { lstat } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const BETWEEN_LOOKS_MS = 50;
const ANSWER_WITHIN_MS = 2_000;

/** Which start of a part a socket is of; null while there is none. */
export async function socketIdentity(path: string): Promise<string | null> {
  try {
    const { ino, ctimeMs } = await lstat(path);
    return `${ino}:${ctimeMs}`;
  } catch {
    return null;
  }
}

/** Waits until somebody listens who is not `unlike`. `check` throws when nobody will. */
export async function untilListens(
  path: string,
  options: { readonly unlike?: string | null; readonly check: () => Promise<void>; readonly signal: AbortSignal },
): Promise<void> {
  for (;;) {
    options.signal.throwIfAborted();
    const identity = await socketIdentity(path);
    if (identity !== null && identity !== (options.unlike ?? null) && (await accepts(path))) return;
    await options.check();
    await pause(BETWEEN_LOOKS_MS, undefined, { signal: options.signal });
  }
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.setTimeout(ANSWER_WITHIN_MS, () => end(false));
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}
