import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@aileron/telemetry';
import { GatewayConfig } from './config.js';
import { GatewayServer } from './gateway.server.js';

/** A gateway before one service, which stands for all of them. */
export async function startGatewayBefore(serviceUrl: string): Promise<GatewayServer> {
  const webDirectory = await mkdtemp(join(tmpdir(), 'web-'));
  await mkdir(join(webDirectory, 'assets'));
  await writeFile(join(webDirectory, 'index.html'), '<!doctype html><title>Aileron</title>');
  const config = GatewayConfig.parse({
    port: 0,
    webDirectory,
    mgmtPlane: { url: serviceUrl, token: 'local-token-of-the-management-plane-000000' },
    workspaceManager: { url: serviceUrl },
    person: { tenantId: 'ten_local', userId: 'usr_local', name: 'Ada' },
  });
  const logger = createLogger({ service: 'gateway', level: 'silent' });
  return GatewayServer.start(config, { clock: { now: () => Date.now() }, logger });
}

/** The cookie of one more browser. */
export async function enter(gateway: GatewayServer): Promise<string> {
  const code = new URL(gateway.createLink()).hash.slice(1);
  const entered = await fetch(`${gateway.url}/api/enter`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: gateway.url },
    body: JSON.stringify({ code }),
  });
  return (entered.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}
