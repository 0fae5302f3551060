import { z } from 'zod';
import { FirewallSettings } from './firewall.js';
import { Provisioner } from './workspaces.js';

/** What a workspace is made from: chosen by name when one is created. */
export const TemplateView = z.strictObject({
  name: z.string().min(1).max(63),
  description: z.string().max(512),
  /** Of a workspace that names no template. */
  isDefault: z.boolean(),
  provisioners: z.array(Provisioner).min(1).max(3),
  /** Kinds of agents that can be started in it. */
  agents: z.array(z.string().max(64)).max(16),
  image: z.string().max(512).nullable(),
  firewall: FirewallSettings,
});
export type TemplateView = z.infer<typeof TemplateView>;
/** GET /api/v1/templates */
export const ListTemplatesResponse = z.strictObject({ templates: z.array(TemplateView).max(200) });
export type ListTemplatesResponse = z.infer<typeof ListTemplatesResponse>;

export const ProvisionerView = z.strictObject({
  provisioner: Provisioner,
  available: z.boolean(),
  /** What keeps it from being used and what to do about it, in a sentence; null when it is available. */
  missing: z.string().max(1_024).nullable(),
});
export type ProvisionerView = z.infer<typeof ProvisionerView>;
/** GET /api/v1/provisioners */
export const ListProvisionersResponse = z.strictObject({ provisioners: z.array(ProvisionerView).max(8) });
export type ListProvisionersResponse = z.infer<typeof ListProvisionersResponse>;
