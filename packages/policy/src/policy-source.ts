import { z } from 'zod';

/** Layers from the widest to the narrowest. The first three may permit; the others can only restrict. */
export const POLICY_LAYERS = ['connector', 'platform', 'team', 'project', 'workspace', 'session'] as const;
export type PolicyLayer = (typeof POLICY_LAYERS)[number];
export const PERMITTING_LAYERS: readonly PolicyLayer[] = ['connector', 'platform', 'team'];

/** A text of Cedar policies, and where it ranks. */
export const PolicySource = z.strictObject({
  id: z.string().min(1).max(128),
  layer: z.enum(POLICY_LAYERS),
  cedar: z.string().max(1 << 20),
});
export type PolicySource = z.infer<typeof PolicySource>;

export const POLICY_BUNDLE_TYPE = 'application/vnd.aileron.policy-bundle+json';

/** The signed payload of a policy bundle. */
export const PolicyBundle = z.strictObject({
  tenantId: z.string().max(64),
  version: z.int().min(1),
  issuedAt: z.iso.datetime(),
  /** Cedar schema, JSON form as text. */
  schema: z.string().max(16 << 20),
  policies: z.array(PolicySource).max(10_000),
});
export type PolicyBundle = z.infer<typeof PolicyBundle>;
