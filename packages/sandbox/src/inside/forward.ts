/** The way to the proxy, alone: for a container, whose first process is another. `forward.mjs <socket of the proxy>` */
import { INSIDE } from '../sandbox-plan.js';
import { createForwarder } from './forwarder.js';

const [socketPath] = process.argv.slice(2);
if (socketPath === undefined) {
  process.stderr.write('usage: forward <socket>\n');
  process.exitCode = 64;
} else {
  createForwarder(socketPath).listen({ host: '127.0.0.1', port: INSIDE.proxyPort });
}
