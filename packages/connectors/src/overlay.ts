import { z } from 'zod';

const Name = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'lower case letters, digits and underscores');
const Option = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  type: z.enum(['string', 'integer', 'number', 'boolean', 'strings', 'json']).default('string'),
  description: z.string().max(300),
  required: z.boolean().default(false),
  values: z.array(z.string().max(64)).max(64).exactOptional(),
  into: z.array(z.string().max(64)).min(1).max(8),
});
const Shim = z.strictObject({
  command: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  document: z.string().max(8_192).nullable().default(null),
  options: z.array(Option).max(64).default([]),
  output: z.strictObject({
    path: z.array(z.string().max(64)).max(8).default([]),
    template: z.string().max(500).nullable().default(null),
  }),
});

const common = {
  name: Name,
  title: z.string().min(1).max(120),
  description: z.string().min(1).max(500),
  effect: z.enum(['read', 'write']),
  idempotent: z.boolean(),
  approval: z.enum(['allow', 'ask', 'deny']),
  maxBodyBytes: z
    .int()
    .min(0)
    .max(64 << 20)
    .default(1 << 20),
  digestHeaders: z
    .array(z.string().regex(/^[a-z0-9-]{1,64}$/))
    .max(16)
    .default([]),
  redact: z.array(z.string().max(128)).max(64).default([]),
  shim: Shim.nullable().default(null),
};

/** An action that is an operation of the OpenAPI document. */
const RestAction = z.strictObject({
  ...common,
  operationId: z.string().min(1).max(128),
  body: z.enum(['inspected', 'streamed']).default('inspected'),
  argumentFields: z.array(z.string().max(64)).max(64).nullable().default(null),
  usage: z.literal('anthropic-messages').nullable().default(null),
});

/** An action that is one root field of a GraphQL endpoint; its arguments are a schema of the OpenAPI document. */
const GraphqlAction = z.strictObject({
  ...common,
  graphql: z.strictObject({
    /** operationId of the endpoint. */
    endpoint: z.string().min(1).max(128),
    type: z.enum(['query', 'mutation']),
    field: z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/),
    /** Name below components.schemas. */
    arguments: z.string().min(1).max(128),
  }),
});

/** Headers that carry the connection or the body, not a credential. */
const NOT_FOR_CREDENTIALS =
  /^(?:host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|cookie|content-.*|proxy-.*)$/;

const Credential = z
  .strictObject({
    kind: z.enum(['bearer', 'api-key-header']),
    header: z.string().regex(/^[a-z0-9-]{1,64}$/),
    prefix: z.string().max(32).default(''),
    /** Has the shape of a real one, and nothing that a header or JSON would escape. */
    placeholder: z.string().regex(/^[\w.~+/=:-]{16,200}$/, '16 to 200 letters, digits and .~+/=:_-'),
    environment: z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/),
  })
  .refine(({ header }) => !NOT_FOR_CREDENTIALS.test(header), { path: ['header'], message: 'is not for credentials' })
  .refine(({ kind, header, prefix }) => kind !== 'bearer' || (header === 'authorization' && prefix === 'Bearer '), {
    path: ['kind'],
    message: 'a bearer token stands in authorization, after `Bearer `',
  });

/** connector.yaml */
export const Overlay = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/),
  version: z.string().regex(/^\d+\.\d+\.\d+$/),
  title: z.string().min(1).max(120),
  description: z.string().min(1).max(500),
  credential: Credential,
  actions: z
    .array(z.union([RestAction, GraphqlAction]))
    .min(1)
    .max(1_000),
});
export type Overlay = z.infer<typeof Overlay>;
export type RestAction = z.infer<typeof RestAction>;
export type GraphqlAction = z.infer<typeof GraphqlAction>;
