import type { AnswerPromptRequest, StartAgentRequest } from '@aileron/contracts/grpc';
import type { PromptAnswer } from '@aileron/agents';
import { AileronError } from '@aileron/errors';
import { z } from 'zod';
import type { StartAgent } from './agent-sessions.service.js';

const AgentSessionId = z.string().regex(/^ags_[0-9A-Za-z_-]{1,60}$/, 'must be an id that starts with ags_');

const Start = z.object({
  agentSessionId: AgentSessionId,
  agent: z.string().min(1).max(64),
  mode: z.preprocess((mode) => (mode === '' ? 'ask' : mode), z.enum(['ask', 'accept-edits', 'plan', 'bypass'])),
  resumeId: z.preprocess(
    (id) => (id === '' ? null : id),
    z
      .string()
      .regex(/^[0-9A-Za-z][0-9A-Za-z_-]{0,127}$/, 'must be the id of a conversation')
      .nullable(),
  ),
});

const Answer = z.object({
  promptId: z.string().min(1).max(128),
  allow: z.boolean(),
  text: z.string().max(10_000),
  answers: z
    .record(z.string().min(1).max(1_000), z.string().max(10_000))
    .refine((answers) => Object.keys(answers).length <= 8, 'must be at most 8'),
  suggestionIds: z.array(z.string().min(1).max(128)).max(16),
});

export const readStart = (request: StartAgentRequest): StartAgent => parse(Start, request);

export function readAnswer(request: AnswerPromptRequest): PromptAnswer {
  const { promptId, allow, text, answers, suggestionIds } = parse(Answer, request);
  return {
    promptId,
    decision: allow ? 'allow' : 'deny',
    ...(text === '' ? {} : { text }),
    ...(Object.keys(answers).length === 0 ? {} : { answers }),
    ...(suggestionIds.length === 0 ? {} : { suggestionIds }),
  };
}

/** @throws AileronError INVALID_ARGUMENT with the fields */
export function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }));
  throw new AileronError('INVALID_ARGUMENT', { fields });
}
