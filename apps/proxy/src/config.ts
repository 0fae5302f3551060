import { LOCAL_TENANT_ID, TenantId } from '@aileron/contracts/rest';
import { StoredSigningKey, StoredVerifyingKey } from '@aileron/vault';
import { z } from 'zod';

const LOOPBACK = /^(localhost|::1|127(\.\d{1,3}){3})$/;
const Pem = z.string().min(1).max(100_000);

/** A port for agents that cannot have a socket mounted; of several proxies, one address. */
const Listen = z
  .strictObject({
    /** A host name or an address of this machine. */
    host: z.string().min(1).max(253).default('127.0.0.1'),
    /** 0: any free one. */
    port: z.int().min(0).max(65_535).default(3_128),
    /** Lets several proxies of one machine listen on it (SO_REUSEPORT): the kernel spreads connections. */
    reusePort: z.boolean().default(false),
    /** The proxy is spoken to over TLS (`https://` in HTTPS_PROXY): a token in the clear stays on this machine. */
    tls: z.strictObject({ certificatePem: Pem, privateKeyPem: Pem }).nullable().default(null),
    /** Connections at one time, over all sessions. Of one session at most 256. */
    maxConnections: z.int().min(1).max(100_000).default(4_096),
    /** Of these, before they showed a token: beyond it the oldest goes. */
    maxUnauthenticated: z.int().min(1).max(10_000).default(256),
  })
  .refine(({ host, tls }) => tls !== null || LOOPBACK.test(host), {
    path: ['tls'],
    message: 'is needed when listen.host is not loopback',
  });

const Name = z.string().min(1).max(128);

/** A host that is reached at a fixed address with a CA of its own, instead of by resolving. Demo and tests only. */
const Upstream = z.strictObject({
  host: z.string().min(1).max(253),
  address: z.string().min(1).max(64),
  port: z.int().min(1).max(65_535),
  caPem: z.string().min(1).max(100_000),
});

/**
 * What the proxy is told at start. Whom it believes stands here: whoever writes the management plane's tables becomes
 * neither an administrator nor an approver.
 */
export const ProxyConfig = z.strictObject({
  /** The tenant whose sessions this proxy serves. */
  tenantId: TenantId.default(LOCAL_TENANT_ID),
  proxyId: z.string().regex(/^prx_[0-9A-Za-z_-]{1,60}$/, 'must be an id that starts with prx_'),
  /** Holds `audit/` and the sealed state of sessions. Made with mode 0700 when it is not there. */
  dataDirectory: z.string().min(1).max(4_096),
  /** Holds a folder for each session with `proxy.sock` and `ca.pem`. Short: a Unix socket's path has 107 bytes. */
  socketRoot: z.string().min(1).max(4_096),
  /** Sign the bundles of policies and connectors. */
  adminKeys: z.array(StoredVerifyingKey).min(1).max(64),
  /** The devices whose signature decides approvals, each of a person. */
  deviceKeys: z.array(StoredVerifyingKey.extend({ userId: Name, name: Name })).max(10_000),
  /** Signs the checkpoints of the audit log. */
  auditSigningKey: StoredSigningKey,
  /** Null: sessions are served on their sockets alone. */
  listen: Listen.nullable().default(null),
  upstreamMap: z.array(Upstream).max(64).default([]),
  /** How long a request waits for a person before it is answered 428; its approval goes on waiting. */
  holdSeconds: z.int().min(0).max(3_600).default(55),
  /** How long an approval waits when the rule does not say. */
  approvalTtlSeconds: z.int().min(10).max(604_800).default(900),
  /** What happens to a host that no connector owns. */
  egress: z.enum(['splice', 'deny']).default('splice'),
  /** `always` syncs the intents of reads too. */
  auditDurability: z.enum(['writes', 'always']).default('writes'),
  auditFileBytes: z.int().min(4_096).max(1_073_741_824).default(16_777_216),
  checkpointSeconds: z.int().min(1).max(3_600).default(30),
  /** Requests that wait for a person at one time, over all sessions: their bodies are in memory. */
  maxHeld: z.int().min(1).max(10_000).default(200),
});
export type ProxyConfig = z.infer<typeof ProxyConfig>;
/** As a host writes it: defaults left out. */
export type ProxyConfigInput = z.input<typeof ProxyConfig>;
