import { secret } from '@aileron/config';
import { AllowedDomain, FirewallSettings, Provisioner } from '@aileron/contracts/workspace';
import type { WorkspaceProvisioner } from '@aileron/provisioner';
import { Secret } from '@aileron/vault';
import { z } from 'zod';

/** What workspaces reach unless they or their template say otherwise: connectors, the platform, and what is listed. */
const DEFAULT_FIREWALL: FirewallSettings = {
  workspace_firewall_network_access_enabled: true,
  workspace_firewall_domain_access_mode: 'allowlist',
  workspace_firewall_allowed_domains: [],
  browser_firewall_network_access_enabled: true,
  browser_firewall_domain_access_mode: 'allowlist',
  browser_firewall_allowed_domains: [],
};

const Template = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(63)
    .regex(/^[a-z0-9][a-z0-9-]*$/, 'lower case letters, digits and hyphens'),
  description: z.string().max(512).default(''),
  provisioners: z.array(Provisioner).min(1).max(3).default(['local', 'docker', 'kubernetes']),
  /** Kinds of agents that can be started in it. */
  agents: z.array(z.string().min(1).max(64)).max(16).default(['claude-code', 'fake']),
  image: z.string().min(1).max(512).nullable().default(null),
  firewall: FirewallSettings.default(DEFAULT_FIREWALL),
});
export type Template = z.infer<typeof Template>;

const Path = z.string().min(1).max(4_096);

/** Of `createLocalProvisioner` and `createDockerProvisioner`, as far as it can be said in JSON. */
const ProvisionerSettings = z.strictObject({
  local: z
    .strictObject({
      directory: Path,
      nodePath: Path,
      runtimeMain: Path,
      terminalMain: Path,
      promptHint: z.string().max(16_384).default(''),
      agentsDirectory: Path,
    })
    .optional(),
  docker: z
    .strictObject({
      /** Of an engine of this machine: sockets are mounted into its containers. */
      dockerHost: z.string().max(4_096).startsWith('unix:///'),
      image: z.string().min(1).max(512),
      directory: Path,
      homeId: z.string().regex(/^[a-z0-9]{1,32}$/, '1 to 32 lower case letters and digits'),
      promptHint: z.string().max(16_384).default(''),
      agentsDirectory: Path,
    })
    .optional(),
});

const isProvisioner = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'launch' in value && typeof value.launch === 'function';

/** What workspace-manager is told at start. */
export const WorkspaceManagerConfig = z.object({
  /** Connection string of the role `aileron_workspace`. */
  databaseUrl: z.string().min(1).max(4_096),
  /** Where jobs are: a Redis, else the Postgres of the role `aileron_queue`. */
  queue: z.union([
    z.strictObject({ redisUrl: z.string().min(1).max(4_096) }),
    z.strictObject({ databaseUrl: z.string().min(1).max(4_096) }),
  ]),
  host: z.literal(['127.0.0.1', '::1', 'localhost']).default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(3001),
  localToken: z.union([z.custom<Secret>((value) => value instanceof Secret), secret()]),
  /** Pages that may call the REST API, for example http://127.0.0.1:3000. */
  allowedOrigins: z.array(z.string().max(255)).max(16).default([]),
  tenant: z.object({ tenantId: z.string().min(1).max(64), name: z.string().min(1).max(128) }),
  user: z.object({ userId: z.string().min(1).max(64), name: z.string().min(1).max(128) }),
  /** Made by the host, or told how to be made by a manager that runs alone. */
  provisioners: z.union([z.array(z.custom<WorkspaceProvisioner>(isProvisioner)).max(3), ProvisionerSettings]),
  /** The first is that of a workspace which names none. */
  templates: z
    .array(Template)
    .min(1)
    .max(200)
    .prefault([{ name: 'default', description: 'An empty project.' }]),
  /** Domains that every workspace may reach. */
  platformDomains: z.array(AllowedDomain).max(200).default([]),
  /** How long the execution-plane session of a launch lasts; then the workspace is restarted with a new one. */
  sessionSeconds: z.int().min(60).max(86_400).default(86_400),
  /** How often everything a provisioner has is compared with what should be there. */
  sweepEveryMs: z.int().min(100).max(600_000).default(15_000),
});
export type WorkspaceManagerConfig = z.infer<typeof WorkspaceManagerConfig>;
/** Injects the WorkspaceManagerConfig. */
export const CONFIG = Symbol('WorkspaceManagerConfig');
