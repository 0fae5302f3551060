import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SpawnedProgram } from '../machine/spawned-program.js';
import type { TerminalWay } from './carried-terminal.js';

const PROGRAM = fileURLToPath(new URL('./bare-pty-process.js', import.meta.url));

/** The peer: node-pty and a Unix socket, with nothing in between. */
export async function bareTerminals(folder: string): Promise<TerminalWay> {
  const path = join(folder, 'bare.sock');
  const program = new SpawnedProgram({ command: process.execPath, args: [PROGRAM, path, folder] });
  await program.ready(() => program.printed.includes('ready'));
  return {
    name: 'bare',
    processes: () => [program.pid],
    close: () => program.close(),
    open: async () => {
      const socket = connect(path);
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      return {
        type: (text) =>
          new Promise((resolve, reject) => socket.write(text, (error) => (error ? reject(error) : resolve()))),
        async *output(signal) {
          signal.addEventListener('abort', () => socket.destroy(), { once: true });
          for await (const bytes of socket as AsyncIterable<Buffer>) yield { bytes, isScreen: false };
        },
        close: async () => void socket.destroy(),
      };
    },
  };
}
