import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LOCAL_TENANT_ID } from '@aileron/contracts/rest';
import { AileronError } from '@aileron/errors';
import { gateway, GatewayServer, type EndorseBrowser } from '@aileron/gateway/service';
import { runServices, serviceToRun } from '@aileron/service-host';
import { createMetrics, type Logger } from '@aileron/telemetry';
import { endorseDevice, importSigningKey, importVerifyingKey } from '@aileron/vault';
import { ensureSigningKey, type TrustFile } from '../home/home-keys.js';
import type { Home } from '../home/home.js';
import { localUser } from '../vault/local-user.js';
import type { Backend } from './backend.js';

export interface PageInput {
  readonly home: Home;
  /** 0: any free one. */
  readonly port: number;
  readonly trust: TrustFile;
  readonly backend: Backend;
  /** Of the management plane's REST API. */
  readonly token: string;
  readonly logger: Logger;
}

export interface Page {
  readonly url: string;
  /** A link that lets one browser in. */
  readonly createLink: () => string;
  close(): Promise<void>;
}

/** The gateway with the page, in this process. */
export async function startPage({ home, port, trust, backend, token, logger }: PageInput): Promise<Page> {
  const config = {
    port,
    webDirectory: webDirectory(),
    mgmtPlane: { url: backend.url, token },
    workspaceManager: backend.workspacesUrl === null ? null : { url: backend.workspacesUrl },
    person: { tenantId: LOCAL_TENANT_ID, ...localUser() },
    auditKeys: trust.auditKeys,
    serviceKeys: trust.serviceKeys,
    endorseBrowser: endorser(home),
    sessionsFile: home.path('browser-sessions.json'),
  };
  const running = await runServices([serviceToRun(gateway, config)], {
    platform: (service) => ({
      logger: logger.child({ service }),
      metrics: createMetrics(service),
      clock: { now: () => Date.now() },
    }),
  });
  const server = running.service(gateway.name).context.get(GatewayServer);
  return { url: server.url, createLink: () => server.createLink(), close: () => running.close() };
}

const ENDORSED_DAYS = 7;

/** The home's own device vouches for the browser that came in by its link. */
const endorser =
  (home: Home): EndorseBrowser =>
  async (stored) => {
    const { userId, name } = localUser();
    return endorseDevice({
      tenantId: LOCAL_TENANT_ID,
      userId,
      name: `${name} (browser)`.slice(0, 128),
      device: await importVerifyingKey(stored),
      now: new Date(),
      days: ENDORSED_DAYS,
      leases: true,
      endorser: await importSigningKey(await ensureSigningKey(home, 'device')),
    });
  };

function webDirectory(): string {
  try {
    return dirname(fileURLToPath(import.meta.resolve('@aileron/web/index.html')));
  } catch (cause) {
    throw new AileronError('NOT_FOUND', { what: 'the built page: pnpm build' }, { cause });
  }
}
