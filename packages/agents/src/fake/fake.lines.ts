import { z } from 'zod';

/**
 * The protocol of the fake agent: one JSON object a line, both ways. To it: `message {id, text}`, `interrupt`,
 * `answer {id, allow, text?, answers?}`. From it:
 */
const Id = z.string().min(1).max(128);
const Name = z.string().min(1).max(128);
const ToolKind = z.enum(['edit', 'run', 'other']);
const Count = z.int().min(0);
const Input = z.record(z.string(), z.unknown());

export const FakeLine = z.discriminatedUnion('type', [
  /** It takes messages. */
  z.strictObject({ type: z.literal('ready'), mode: z.string() }),
  /** It does not have the conversation that it was to resume or fork. */
  z.strictObject({ type: z.literal('unknown'), conversation: z.string() }),
  z.strictObject({ type: z.literal('working') }),
  z.strictObject({ type: z.literal('idle') }),
  /** It has the message, and would after a crash. */
  z.strictObject({ type: z.literal('accepted'), message: Id }),
  /** More of a text; `said` ends it. */
  z.strictObject({ type: z.literal('say'), id: Id, text: z.string().min(1), thinking: z.boolean() }),
  z.strictObject({ type: z.literal('said'), id: Id }),
  z.strictObject({ type: z.literal('tool'), id: Id, name: Name, kind: ToolKind, title: z.string(), input: Input }),
  z.strictObject({
    type: z.literal('tool-done'),
    id: Id,
    outcome: z.enum(['ok', 'error', 'denied', 'interrupted']),
    text: z.string(),
    diff: z.strictObject({ path: z.string(), before: z.string().nullable(), after: z.string() }).optional(),
  }),
  z.strictObject({
    type: z.literal('permission'),
    id: Id,
    tool: Id,
    name: Name,
    kind: ToolKind,
    title: z.string(),
    input: Input,
    remember: z.array(z.string()).max(8),
  }),
  z.strictObject({
    type: z.literal('question'),
    id: Id,
    question: z.string().min(1),
    options: z.array(z.string()).max(16),
  }),
  /** It no longer waits for the answer. */
  z.strictObject({ type: z.literal('cancelled'), id: Id }),
  z.strictObject({
    type: z.literal('plan'),
    entries: z.array(z.strictObject({ text: z.string(), status: z.enum(['pending', 'in-progress', 'completed']) })),
  }),
  z.strictObject({ type: z.literal('usage'), input: Count, output: Count, costUsd: z.number().min(0) }),
  z.strictObject({ type: z.literal('notice'), code: Name, text: z.string() }),
  z.strictObject({ type: z.literal('failed'), text: z.string() }),
]);
export type FakeLine = z.infer<typeof FakeLine>;
