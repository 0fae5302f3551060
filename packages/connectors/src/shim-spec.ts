import { z } from 'zod';

const Option = z.strictObject({
  /** Without the dashes: `team-id`. */
  name: z.string(),
  /** `strings` may be repeated; `json` takes any JSON value. */
  type: z.enum(['string', 'integer', 'number', 'boolean', 'strings', 'json']),
  description: z.string(),
  required: z.boolean(),
  /** Allowed values of a string. */
  values: z.array(z.string()).exactOptional(),
  /** Where the value goes: `['variables', 'input', 'title']`, `['path', 'id']`, `['query', 'limit']`, `['body', 'name']`. */
  into: z.array(z.string()).min(2),
});

const Request = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('graphql'),
    path: z.string(),
    document: z.string(),
    operationName: z.string().nullable(),
  }),
  z.strictObject({ kind: z.literal('rest'), method: z.string(), path: z.string() }),
]);

const Command = z.strictObject({
  /** As typed: `create-issue`. */
  name: z.string(),
  /** `linear.create_issue` */
  operation: z.string(),
  description: z.string(),
  effect: z.enum(['read', 'write']),
  idempotent: z.boolean(),
  approval: z.enum(['allow', 'ask', 'deny']),
  options: z.array(Option),
  request: Request,
  /** Way into the JSON of the answer, and a line for each value there, `{field.inner}` replaced; null prints the JSON. */
  output: z.strictObject({ path: z.array(z.string()), template: z.string().nullable() }),
});

/** What the runtime of a generated command reads: /opt/aileron/shims/<name>.json. */
export const ShimSpec = z.strictObject({
  /** Of the command on PATH. */
  name: z.string(),
  description: z.string(),
  host: z.string(),
  port: z.literal(443),
  /** Sent with each request; holds the connector's placeholder where the credential goes. */
  headers: z.record(z.string(), z.string()),
  commands: z.array(Command).min(1),
});
export type ShimSpec = z.infer<typeof ShimSpec>;
