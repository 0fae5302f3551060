import { z } from 'zod';

/** What the program in the sandbox must have tried; a check that is missing counts as failed. */
export const SELF_TEST_CHECKS = [
  'user',
  'capabilities',
  'no-new-privileges',
  'system-call-filter',
  'descriptors',
  'interfaces',
  'tcp',
  'udp',
  'dns',
  'ipv6',
  'host-loopback',
  'host-files',
  'host-processes',
  'kernel-settings',
  'read-only-root',
  'new-user-namespace',
  'proxy',
] as const;
export type SelfTestCheck = (typeof SELF_TEST_CHECKS)[number];

export const SelfTestReport = z.strictObject({
  checks: z.array(z.strictObject({ name: z.string().max(64), ok: z.boolean(), detail: z.string().max(300) })).max(64),
});
export type SelfTestReport = z.infer<typeof SelfTestReport>;

/** What the program is told of the host, to try to reach it. */
export interface SelfTestTarget {
  /** A TCP port on which the launcher listens, on the host's 127.0.0.1. */
  readonly hostPort: number;
  /** Paths that exist on the host and must not inside. */
  readonly hostPaths: readonly string[];
}
