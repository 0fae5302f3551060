import { z } from 'zod';

/**
 * Lines of Claude Code 2.1.329 in `--output-format stream-json`, as far as they are read. They are loose: the vendor adds fields
 * and kinds with each version. Limits are those of the line itself; what becomes an event is bounded there.
 */

const Parent = z.string().max(128).nullish();

const Usage = z.looseObject({
  input_tokens: z.int().min(0).nullish(),
  output_tokens: z.int().min(0).nullish(),
  cache_read_input_tokens: z.int().min(0).nullish(),
  cache_creation_input_tokens: z.int().min(0).nullish(),
});
export type ApiUsage = z.infer<typeof Usage>;

const Block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  thinking: z.string().optional(),
  id: z.string().max(128).optional(),
  name: z.string().max(128).optional(),
  input: z.record(z.string(), z.unknown()).optional(),
  tool_use_id: z.string().max(128).optional(),
  content: z.unknown().optional(),
  is_error: z.boolean().nullish(),
});
export type ContentBlock = z.infer<typeof Block>;

export const AssistantLine = z.looseObject({
  type: z.literal('assistant'),
  message: z.looseObject({
    id: z.string().max(128),
    model: z.string(),
    content: z.array(Block),
    usage: Usage.nullish(),
  }),
  parent_tool_use_id: Parent,
  /** The text says that the API failed; the result of the turn says it again. */
  is_api_error_message: z.boolean().optional(),
});
export type AssistantLine = z.infer<typeof AssistantLine>;

export const UserLine = z.looseObject({
  type: z.literal('user'),
  message: z.looseObject({ content: z.union([z.string(), z.array(Block)]) }),
  uuid: z.string().max(128).optional(),
  parent_tool_use_id: Parent,
  /** An echo of what was sent: the agent has it. */
  isReplay: z.boolean().optional(),
  tool_use_result: z.unknown().optional(),
  tool_result_meta: z.array(z.looseObject({ id: z.string(), non_execution_kind: z.string().optional() })).optional(),
});
export type UserLine = z.infer<typeof UserLine>;

/** https://docs.anthropic.com/en/docs/build-with-claude/streaming */
export const StreamLine = z.looseObject({
  type: z.literal('stream_event'),
  parent_tool_use_id: Parent,
  event: z.looseObject({
    type: z.string(),
    index: z.int().min(0).optional(),
    message: z.looseObject({ id: z.string().max(128), usage: Usage.nullish() }).optional(),
    content_block: Block.optional(),
    delta: z
      .looseObject({ type: z.string().optional(), text: z.string().optional(), thinking: z.string().optional() })
      .optional(),
    usage: Usage.nullish(),
  }),
});
export type StreamLine = z.infer<typeof StreamLine>;

const ModelUsage = z.looseObject({
  inputTokens: z.int().min(0),
  outputTokens: z.int().min(0),
  cacheReadInputTokens: z.int().min(0),
  cacheCreationInputTokens: z.int().min(0),
  costUSD: z.number().min(0),
  contextWindow: z.int().min(0).optional(),
});

export const ResultLine = z.looseObject({
  type: z.literal('result'),
  subtype: z.string(),
  is_error: z.boolean(),
  result: z.string().nullish(),
  errors: z.array(z.string()).optional(),
  /** For example completed, aborted_tools, api_error. */
  terminal_reason: z.string().nullish(),
  session_id: z.string().max(128).optional(),
  /** By model. Unlike `total_cost_usd` it does not add up over turns and resumptions. */
  model_usage_since_last_result: z.record(z.string(), ModelUsage).optional(),
});
export type ResultLine = z.infer<typeof ResultLine>;

export const SystemLine = z.looseObject({
  type: z.literal('system'),
  subtype: z.string(),
  /** Of session_state_changed: idle, running, requires_action. */
  state: z.string().optional(),
  session_id: z.string().max(128).optional(),
  model: z.string().max(128).optional(),
  /** Of api_retry. */
  attempt: z.int().optional(),
  max_retries: z.int().optional(),
  retry_delay_ms: z.number().optional(),
  error_status: z.int().nullish(),
  error: z.unknown().optional(),
  /** Of task_notification. */
  summary: z.string().optional(),
});
export type SystemLine = z.infer<typeof SystemLine>;

export const LifecycleLine = z.looseObject({
  type: z.literal('command_lifecycle'),
  command_uuid: z.string().max(128),
  state: z.string(),
});

const Suggestion = z.looseObject({
  type: z.string(),
  rules: z.array(z.looseObject({ toolName: z.string(), ruleContent: z.string().optional() })).optional(),
  directories: z.array(z.string()).optional(),
  mode: z.string().optional(),
  behavior: z.string().optional(),
  destination: z.string().optional(),
});
export type Suggestion = z.infer<typeof Suggestion>;

export const ControlRequestLine = z.looseObject({
  type: z.literal('control_request'),
  request_id: z.string().min(1).max(128),
  request: z.looseObject({ subtype: z.string() }),
});

export const ToolPermission = z.looseObject({
  subtype: z.literal('can_use_tool'),
  tool_name: z.string().min(1).max(128),
  input: z.record(z.string(), z.unknown()),
  tool_use_id: z.string().max(128).optional(),
  permission_suggestions: z.array(Suggestion).nullish(),
});
export type ToolPermission = z.infer<typeof ToolPermission>;

export const ControlCancelLine = z.looseObject({
  type: z.literal('control_cancel_request'),
  request_id: z.string().max(128),
});

export const ControlResponseLine = z.looseObject({
  type: z.literal('control_response'),
  response: z.looseObject({
    subtype: z.string(),
    request_id: z.string(),
    error: z.string().optional(),
    response: z.looseObject({ current_permission_mode: z.string().optional() }).nullish(),
  }),
});
export type ControlResponseLine = z.infer<typeof ControlResponseLine>;

/** The input of AskUserQuestion. */
export const AskedQuestions = z.looseObject({
  questions: z
    .array(
      z.looseObject({
        question: z.string().min(1),
        header: z.string().default(''),
        multiSelect: z.boolean().default(false),
        options: z.array(z.looseObject({ label: z.string(), description: z.string().default('') })).default([]),
      }),
    )
    .min(1),
});
