/**
 * The least that carries a terminal from one process to another: node-pty and a Unix socket, each way as it comes, at the
 * reader's pace. One shell a connection.
 *
 *   node dist/terminal/bare-pty-process.js <socket> <folder>
 */
import { createServer } from 'node:net';
import { spawn } from '@lydell/node-pty';
import { SHELL } from './shell.js';

const [, , path = '', folder = ''] = process.argv;

const server = createServer((socket) => {
  const [file, ...args] = SHELL.command;
  const pty = spawn(file, args, { cols: 120, rows: 30, cwd: folder, env: { ...SHELL.environment }, encoding: null });
  // Without an encoding it gives and takes bytes, whatever its types say.
  const input = pty as unknown as { write(data: Uint8Array): void };
  pty.onData((data) => {
    if (!socket.write(data)) pty.pause();
  });
  socket.on('drain', () => pty.resume());
  socket.on('data', (data) => input.write(data));
  socket.on('error', () => socket.destroy());
  socket.once('close', () => pty.kill('SIGKILL'));
  pty.onExit(() => socket.destroy());
});
server.listen(path, () => process.stdout.write('ready\n'));
process.once('SIGTERM', () => process.exit());
