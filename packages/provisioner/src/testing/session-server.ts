import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { Secret } from '@aileron/vault';
import type { LaunchSession } from '../provisioner.port.js';

/** A session of one workspace: what it has on the host, and a proxy that knows its token and says who asked. */
export class SessionServer {
  readonly token = `agt_${randomBytes(16).toString('hex')}`;
  readonly sessionId = `ses_${randomBytes(8).toString('hex')}`;
  /** Paths that were asked for with the token of the session. */
  readonly asked: string[] = [];

  private constructor(
    readonly runtimeDirectory: string,
    private readonly server: Server,
  ) {}

  static async open(): Promise<SessionServer> {
    const directory = await mkdtemp(join(tmpdir(), 'aileron-ses-'));
    // Any certificate: nothing here speaks TLS.
    await writeFile(join(directory, 'ca.pem'), `${rootCertificates[0]}\n`);
    const server = createServer();
    const session = new SessionServer(directory, server);
    server.on('request', (request, response) => {
      const known = request.headers.authorization === `Bearer ${session.token}`;
      if (known) session.asked.push(request.url ?? '');
      const body = known ? { sessionId: session.sessionId } : { code: 'UNAUTHENTICATED', title: 'no', status: 401 };
      response.writeHead(known ? 200 : 401, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    const path = join(directory, 'proxy.sock');
    server.listen(path);
    await once(server, 'listening');
    await chmod(path, 0o600);
    return session;
  }

  get launchSession(): LaunchSession {
    const { sessionId, token, runtimeDirectory } = this;
    return { sessionId, agentToken: Secret.fromString(token), runtimeDirectory };
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await rm(this.runtimeDirectory, { recursive: true, force: true });
  }
}
