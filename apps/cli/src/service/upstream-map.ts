import { z } from 'zod';

/** Demo and tests only: hosts that are dialled at a fixed address with a CA of their own. */
export const UpstreamMap = z
  .array(
    z.strictObject({
      host: z.string().max(253),
      address: z.string().max(45),
      port: z.int().min(1).max(65_535),
      caPem: z.string().max(65_536),
    }),
  )
  .max(16);
export type UpstreamMap = z.infer<typeof UpstreamMap>;
