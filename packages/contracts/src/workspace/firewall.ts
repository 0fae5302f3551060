import { z } from 'zod';

export const DomainAccessMode = z.enum(['allowlist', 'deny']);
/** A host name, or `*.` and a host name for everything below it. */
export const AllowedDomain = z
  .string()
  .max(255)
  .regex(/^(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/, 'must be a host name');

/** What a workspace may reach, and its browser: as they are stored, before the platform's defaults are merged in. */
export const FirewallSettings = z.strictObject({
  workspace_firewall_network_access_enabled: z.boolean(),
  workspace_firewall_domain_access_mode: DomainAccessMode,
  workspace_firewall_allowed_domains: z.array(AllowedDomain).max(500),
  browser_firewall_network_access_enabled: z.boolean(),
  browser_firewall_domain_access_mode: DomainAccessMode,
  browser_firewall_allowed_domains: z.array(AllowedDomain).max(500),
});
export type FirewallSettings = z.infer<typeof FirewallSettings>;

/** GET /api/v1/workspaces/{id}/firewall: what holds, and where each domain comes from. */
export const EffectiveFirewall = z.strictObject({
  settings: FirewallSettings,
  workspace: z.strictObject({
    networkAccess: z.boolean(),
    mode: DomainAccessMode,
    domains: z.array(z.strictObject({ domain: z.string(), source: z.enum(['platform', 'connector', 'workspace']) })),
  }),
});
export type EffectiveFirewall = z.infer<typeof EffectiveFirewall>;

/** GET /api/v1/workspaces/{id}/firewall/blocked: hosts that were refused, the latest first. */
export const BlockedRequests = z.strictObject({
  blocked: z.array(z.strictObject({ host: z.string(), count: z.int().min(1), lastAt: z.iso.datetime() })).max(500),
});
export type BlockedRequests = z.infer<typeof BlockedRequests>;
