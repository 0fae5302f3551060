import { secret } from '@aileron/config';
import { Secret, StoredVerifyingKey } from '@aileron/vault';
import { z } from 'zod';

/** Vouches for a browser's key, as the person's own device: see endorseDevice. */
export type EndorseBrowser = (device: { keyId: string; publicKeyBase64: string }) => Promise<unknown>;

const Loopback = z.url({ protocol: /^http$/, hostname: /^(?:127\.0\.0\.1|localhost|\[::1\])$/ });

/** What the gateway is told at start. With login off, everything it speaks to is on loopback. */
export const GatewayConfig = z.strictObject({
  host: z.literal(['127.0.0.1', '::1', 'localhost']).default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(3000),
  /** The built page: `index.html` and `assets/`. */
  webDirectory: z.string().min(1).max(4_096),
  mgmtPlane: z.strictObject({
    url: Loopback,
    /** Of its REST API: the page never sees it. */
    token: z.union([z.custom<Secret>((value) => value instanceof Secret), secret()]),
  }),
  /** Null where no workspaces are managed. */
  workspaceManager: z.strictObject({ url: Loopback }).nullable().default(null),
  /** Who looks at the page. */
  person: z.strictObject({
    tenantId: z.string().min(1).max(64),
    userId: z.string().min(1).max(64),
    name: z.string().min(1).max(128),
  }),
  /** Where sessions of browsers are kept, as digests; null: in memory alone, so that a restart asks for a new link. */
  sessionsFile: z.string().min(1).max(4_096).nullable().default(null),
  /** Public keys by which the page verifies the audit chain. */
  auditKeys: z.array(StoredVerifyingKey).max(64).default([]),
  /** Keys that credential-service is believed by: with them a vault is unlocked in the page. */
  serviceKeys: z.array(StoredVerifyingKey).max(64).default([]),
  /** Null: approvals are not decided in the page. */
  endorseBrowser: z
    .custom<EndorseBrowser>((value) => typeof value === 'function')
    .nullable()
    .default(null),
});
export type GatewayConfig = z.infer<typeof GatewayConfig>;
