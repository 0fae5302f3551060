import { spawn } from '@lydell/node-pty';
import { SHELL } from '../terminal/shell.js';

const WITHIN_MS = 30_000;
const BUBBLEWRAP = ['--unshare-all', '--die-with-parent', '--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'];

/** The peer of a workspace that starts: bubblewrap and a shell on a pseudo-terminal, until a command has answered; ms. */
export function bareSandbox(folder: string): Promise<number> {
  const startedAt = performance.now();
  const args = [...BUBBLEWRAP, ...SHELL.command];
  const pty = spawn('bwrap', args, { cols: 120, rows: 30, cwd: folder, env: { ...SHELL.environment } });
  return new Promise((resolve, reject) => {
    let shown = '';
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      pty.kill('SIGKILL');
      settle();
    };
    const timer = setTimeout(() => end(() => reject(new Error(`bwrap did not answer: ${shown}`))), WITHIN_MS);
    pty.onExit(() => end(() => reject(new Error(`bwrap ended: ${shown}`))));
    pty.onData((text) => {
      shown = (shown + text).slice(-4_096);
      if (shown.includes('ready-2')) end(() => resolve(performance.now() - startedAt));
    });
    pty.write('echo ready-$((1+1))\n');
  });
}
