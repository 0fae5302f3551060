import { randomBytes } from 'node:crypto';
import { Secret, secretForms } from '@aileron/vault';
import { startFakeAnthropic, startFakeLinear } from '@aileron/testing';
import type { UpstreamMap } from '../service/upstream-map.js';
import type { CanaryPattern } from './canary-scan.js';

/** Other people's services, played here: the two fake upstreams and the credentials that only they accept. */
export interface DemoCast {
  readonly anthropic: Awaited<ReturnType<typeof startFakeAnthropic>>;
  readonly linear: Awaited<ReturnType<typeof startFakeLinear>>;
  readonly credentials: Readonly<Record<'anthropic' | 'linear', string>>;
  readonly upstreamMap: UpstreamMap;
  close(): Promise<void>;
}

const newCredentials = (): DemoCast['credentials'] => ({
  anthropic: `sk-ant-api03-${randomBytes(40).toString('base64url')}`,
  linear: `lin_api_${randomBytes(30).toString('hex')}`,
});

export async function startDemoCast(credentials: DemoCast['credentials'] = newCredentials()): Promise<DemoCast> {
  const anthropic = await startFakeAnthropic({ apiKey: credentials.anthropic });
  const linear = await startFakeLinear({ apiKey: credentials.linear });
  return {
    anthropic,
    linear,
    credentials,
    upstreamMap: [
      { host: 'api.anthropic.com', address: '127.0.0.1', port: anthropic.port, caPem: anthropic.caPem },
      { host: 'api.linear.app', address: '127.0.0.1', port: linear.port, caPem: linear.caPem },
    ],
    close: async () => {
      await Promise.all([anthropic.close(), linear.close()]);
    },
  };
}

/** What the canary scan looks for: each credential in every encoding that we know. */
export function canaryPatterns(credentials: DemoCast['credentials']): CanaryPattern[] {
  return Object.entries(credentials).flatMap(([canary, value]) =>
    secretForms(Secret.fromString(value).expose()).map(({ encoding, bytes }) => ({
      canary,
      form: encoding,
      bytes: Buffer.from(bytes),
    })),
  );
}
