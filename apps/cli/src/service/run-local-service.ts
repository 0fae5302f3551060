import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { LOCAL_TENANT_ID } from '@aileron/contracts/rest';
import { credentialService } from '@aileron/credential-service/service';
import { startHomeDatabase, type HomeDatabase } from '@aileron/database';
import { mgmtPlane } from '@aileron/mgmt-plane/service';
import { proxy } from '@aileron/proxy/service';
import { runServices, serviceToRun, type Platform, type RunningServices } from '@aileron/service-host';
import { createLogger, createMetrics, type Logger } from '@aileron/telemetry';
import { Secret } from '@aileron/vault';
import type { UpstreamMap } from './upstream-map.js';
import { ensureSigningKey, ensureTrust, type TrustFile } from '../home/home-keys.js';
import { HomeLock } from '../home/home-lock.js';
import type { Home } from '../home/home.js';
import { writePrivateFile } from '../home/private-file.js';
import type { ServiceFile } from '../home/service-file.js';
import type { Output } from '../output/output.js';
import { localUser } from '../vault/local-user.js';
import { VERSION } from '../version.js';
import { untilToldToStop } from './until-told-to-stop.js';

const DEFAULT_PORT = 3100;

export interface LocalServiceInput {
  readonly home: Home;
  readonly output: Output;
  readonly port: number | undefined;
  readonly holdSeconds: number;
  readonly upstreamMap: UpstreamMap;
}

/** Runs the three services for one home, in this process, until it is told to stop. */
export async function runLocalService(input: LocalServiceInput): Promise<void> {
  const { home, output } = input;
  home.prepare();
  const lock = HomeLock.acquire(home.lockFile);
  const logger = createLogger({ service: 'aileron' });
  try {
    rmSync(home.serviceFile, { force: true });
    const trust = await ensureTrust(home, localUser());
    const database = await startHomeDatabase({ home: home.root, log: logger });
    try {
      const { running, token } = await startServices(input, { trust, database, logger });
      const file = announce(home, running, token);
      output.note(`aileron ${VERSION} serves ${home.root} at ${file.url}`);
      await untilToldToStop(logger);
      rmSync(home.serviceFile, { force: true });
      await running.close();
    } finally {
      await database.stop();
    }
  } finally {
    lock.release();
  }
}

interface Prepared {
  readonly trust: TrustFile;
  readonly database: HomeDatabase;
  readonly logger: Logger;
}

async function startServices(
  { home, port, holdSeconds, upstreamMap }: LocalServiceInput,
  { trust, database, logger }: Prepared,
): Promise<{ running: RunningServices; token: string }> {
  const token = randomBytes(32).toString('base64url');
  const running = await runServices(
    [
      serviceToRun(mgmtPlane, {
        databaseUrl: database.mgmtUrl,
        storeDirectory: home.storeDirectory,
        policyDirectory: home.policyDirectory,
        port: port ?? DEFAULT_PORT,
        localToken: Secret.fromString(token),
        trust: { deviceKeys: trust.deviceKeys },
        adminSigningKey: await ensureSigningKey(home, 'admin'),
        tenant: { tenantId: LOCAL_TENANT_ID, name: 'local' },
        user: localUser(),
      }),
      serviceToRun(credentialService, {
        serviceSigningKey: await ensureSigningKey(home, 'credential-service'),
        deviceKeys: trust.deviceKeys.map(({ keyId, publicKeyBase64, userId }) => ({ keyId, publicKeyBase64, userId })),
      }),
      serviceToRun(proxy, {
        proxyId: 'prx_local',
        dataDirectory: home.proxyDirectory,
        socketRoot: home.socketRoot,
        adminKeys: trust.adminKeys,
        deviceKeys: trust.deviceKeys,
        auditSigningKey: await ensureSigningKey(home, 'audit'),
        upstreamMap,
        holdSeconds,
      }),
    ],
    { platform: (service) => platformOf(service, logger) },
  );
  return { running, token };
}

const platformOf = (service: string, logger: Logger): Platform => ({
  logger: logger.child({ service }),
  metrics: createMetrics(service),
  clock: { now: () => Date.now() },
});

function announce(home: Home, running: RunningServices, token: string): ServiceFile {
  const file: ServiceFile = {
    pid: process.pid,
    version: VERSION,
    url: running.service(mgmtPlane.name).url ?? '',
    token,
    startedAt: new Date().toISOString(),
  };
  writePrivateFile(home.serviceFile, JSON.stringify(file));
  return file;
}
