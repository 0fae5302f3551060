import { z } from 'zod';

/** The channel on which managers hear of each other's commits. */
export const NOTICE_CHANNEL = 'aileron_workspace';

const Id = z.string().min(1).max(64);

/** What was committed, in a few words: who hears it reads the rest. */
export const ChangeNotice = z.discriminatedUnion('type', [
  /** A workspace, or what it runs, is not as before. */
  z.strictObject({ type: z.literal('workspace'), workspaceId: Id }),
  z.strictObject({ type: z.literal('removed'), workspaceId: Id }),
  /** Lines were added to its stream. */
  z.strictObject({ type: z.literal('lines'), workspaceId: Id }),
  /** The worker with this fencing token is to stop. */
  z.strictObject({ type: z.literal('cancel'), workspaceId: Id, fence: z.int().min(0) }),
  /** The stream of an agent has more. */
  z.strictObject({ type: z.literal('agent'), workspaceId: Id, agentSessionId: Id }),
]);
export type ChangeNotice = z.infer<typeof ChangeNotice>;

/** Null for what is none. */
export function parseNotice(payload: string): ChangeNotice | null {
  try {
    return ChangeNotice.parse(JSON.parse(payload));
  } catch {
    return null;
  }
}
