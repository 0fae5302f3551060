/**
 * The first program in the sandbox (below bubblewrap's reaper): opens the way to the proxy, starts the agent, passes on the
 * launcher's signals and ends with the agent's exit code.
 * `init.mjs <control descriptor> <the agent's NODE_EXTRA_CA_CERTS, or empty> -- <command…>`
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, readdirSync } from 'node:fs';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { INSIDE } from '../sandbox-plan.js';
import { closesOnExec } from './closes-on-exec.js';
import { createForwarder } from './forwarder.js';

const EXIT_NOT_STARTED = 127;
const EXIT_ABANDONED = 137;
const ABANDONED_MS = 2_000;
const FORWARDED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type ForwardedSignal = (typeof FORWARDED_SIGNALS)[number];

const isForwarded = (name: string): name is ForwardedSignal => (FORWARDED_SIGNALS as readonly string[]).includes(name);

interface Start {
  readonly command: readonly string[];
  readonly extraCertificates: string;
}

function main(controlDescriptor: number, start: Start): void {
  closeInherited(controlDescriptor);
  // Node marks inherited descriptors close-on-exec when it starts, so the agent does not have this one.
  const control = new Socket({ fd: controlDescriptor, readable: true, writable: true });
  control.unref();
  control.on('error', () => undefined);
  // The launcher is gone. Bubblewrap dies with it, but for one that went before bubblewrap could ask the kernel for that: then
  // it may have gone before this program began, and nothing is started any more.
  let abandoned = (): void => process.exit(EXIT_ABANDONED);
  control.once('close', () => abandoned());
  const giveUp = (reason: string): void => {
    process.exitCode = EXIT_NOT_STARTED;
    control.end(`${reason}\n`, () => process.exit(EXIT_NOT_STARTED));
  };
  const forwarder = createForwarder(INSIDE.proxySocket);
  forwarder.once('error', (error) => giveUp(`the forwarder does not listen: ${error.message}`));
  const begin = (): void => {
    if (control.readableEnded || control.destroyed) return abandoned();
    const agent = startAgent(start, control, giveUp);
    abandoned = () => {
      agent?.kill('SIGTERM');
      setTimeout(() => process.exit(EXIT_ABANDONED), ABANDONED_MS);
    };
  };
  // Once the event loop has looked at its sockets: by then it knows of a launcher that is gone.
  forwarder.listen({ host: '127.0.0.1', port: INSIDE.proxyPort }, () => setImmediate(begin));
}

/**
 * What the launcher's own parents left open (a log, a folder, a terminal of somebody else) came this far and would reach the
 * agent. Node's own descriptors are close-on-exec, so what is not is foreign.
 */
function closeInherited(controlDescriptor: number): void {
  for (const name of readdirSync('/proc/self/fd')) {
    const descriptor = Number(name);
    if (descriptor > 2 && descriptor !== controlDescriptor && !closesOnExec(descriptor)) closeSync(descriptor);
  }
}

function startAgent(start: Start, control: Socket, giveUp: (reason: string) => void): ChildProcess | null {
  const [program, ...args] = start.command;
  if (program === undefined) {
    giveUp('there is no command');
    return null;
  }
  // A variable that this process must not have at its own start is given to the agent here.
  if (start.extraCertificates !== '') process.env['NODE_EXTRA_CA_CERTS'] = start.extraCertificates;
  const agent = spawn(program, args, { stdio: 'inherit' });
  agent.once('error', (error) => giveUp(`the agent does not start: ${error.message}`));
  agent.once('spawn', () => void control.write('started\n'));
  agent.once('exit', (code, signal) => process.exit(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  const pass = (name: string): void => void (isForwarded(name) && agent.kill(name));
  for (const name of FORWARDED_SIGNALS) process.on(name, () => pass(name));
  control.setEncoding('utf8');
  control.on('data', (text: string) => text.split('\n').forEach(pass));
  return agent;
}

const [descriptor, extraCertificates, separator, ...command] = process.argv.slice(2);
if (separator !== '--' || descriptor === undefined || extraCertificates === undefined) {
  process.stderr.write('usage: init <control descriptor> <extra certificates> -- <command…>\n');
  process.exitCode = 64;
} else {
  main(Number(descriptor), { command, extraCertificates });
}
