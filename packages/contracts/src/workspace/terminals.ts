import { z } from 'zod';
import { TerminalId, WorkspaceId } from './ids.js';
import { Text } from './text.js';

const Size = { columns: z.int().min(2).max(1_000), rows: z.int().min(1).max(500) };

/** POST /api/v1/workspaces/{id}/terminals */
export const OpenTerminalRequest = z.strictObject({ ...Size, title: Text.min(1).max(100).optional() });
export type OpenTerminalRequest = z.infer<typeof OpenTerminalRequest>;
export const TerminalView = z.strictObject({
  terminalId: TerminalId,
  workspaceId: WorkspaceId,
  title: z.string(),
  ...Size,
  /** Null while it runs. */
  exitCode: z.int().nullable(),
  createdAt: z.iso.datetime(),
});
export type TerminalView = z.infer<typeof TerminalView>;
export const ListTerminalsResponse = z.strictObject({ terminals: z.array(TerminalView).max(64) });
export type ListTerminalsResponse = z.infer<typeof ListTerminalsResponse>;

/**
 * Who types, and the number of the piece, from 1. A piece that came already is not typed again, so that what is not known to
 * have arrived can be sent once more after a cut.
 */
const Numbered = { writer: z.string().regex(/^[\w-]{1,64}$/), number: z.int().min(1).max(0xffff_ffff) };

/**
 * What a reader of a terminal sends over its WebSocket as text. It gets binary messages: frames of the event log, whose
 * chunks begin with what they are (see terminal.proto).
 */
export const TerminalInput = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('input'), data: z.string().max(65_536), ...z.object(Numbered).partial().shape }),
  z.strictObject({ type: z.literal('resize'), ...Size }),
]);
export type TerminalInput = z.infer<typeof TerminalInput>;

/** The answer to numbered input, as text: this piece and all before it are typed. */
export const TerminalNotice = z.strictObject({ type: z.literal('accepted'), number: Numbered.number });
export type TerminalNotice = z.infer<typeof TerminalNotice>;
