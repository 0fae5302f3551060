import { LOCAL_TENANT_ID } from '@aileron/contracts/rest';
import type { credentialService } from '@aileron/credential-service/service';
import type { mgmtPlane } from '@aileron/mgmt-plane/service';
import type { proxy } from '@aileron/proxy/service';
import type { z } from 'zod';
import { ensureSigningKey, type TrustFile } from '../home/home-keys.js';
import type { Home } from '../home/home.js';
import { localUser } from '../vault/local-user.js';
import type { UpstreamMap } from './upstream-map.js';

export interface PartConfigsInput {
  readonly home: Home;
  readonly trust: TrustFile;
  readonly databaseUrl: string;
  /** Of the REST API. */
  readonly token: string;
  readonly port: number;
  readonly holdSeconds: number;
  readonly upstreamMap: UpstreamMap;
}

type Input<D extends { readonly config: z.ZodType }> = z.input<D['config']>;

/** What each part of a home's backend is told, as JSON values: the same in one process and apart. */
export interface PartConfigs {
  readonly mgmtPlane: Input<typeof mgmtPlane>;
  readonly credentialService: Input<typeof credentialService>;
  readonly proxy: Input<typeof proxy>;
}

export async function partConfigs(input: PartConfigsInput): Promise<PartConfigs> {
  const { home, trust, databaseUrl, token, port, holdSeconds, upstreamMap } = input;
  return {
    mgmtPlane: {
      databaseUrl,
      storeDirectory: home.storeDirectory,
      policyDirectory: home.policyDirectory,
      port,
      localToken: token,
      trust: { deviceKeys: trust.deviceKeys },
      adminSigningKey: await ensureSigningKey(home, 'admin'),
      tenant: { tenantId: LOCAL_TENANT_ID, name: 'local' },
      user: localUser(),
    },
    credentialService: {
      serviceSigningKey: await ensureSigningKey(home, 'credential-service'),
      deviceKeys: trust.deviceKeys.map(({ keyId, publicKeyBase64, userId }) => ({ keyId, publicKeyBase64, userId })),
    },
    proxy: {
      proxyId: 'prx_local',
      dataDirectory: home.proxyDirectory,
      socketRoot: home.socketRoot,
      adminKeys: trust.adminKeys,
      deviceKeys: trust.deviceKeys,
      auditSigningKey: await ensureSigningKey(home, 'audit'),
      upstreamMap,
      holdSeconds,
    },
  };
}
