import type { JsonSchema } from './json-schema.js';

/** The two texts a connector package ships. */
export interface ConnectorSource {
  readonly name: string;
  /** OpenAPI 3.1, YAML: the upstream's surface, curated. */
  readonly openapi: string;
  /** connector.yaml: which operations are actions, and how they are judged. */
  readonly overlay: string;
}

export type Approval = 'allow' | 'ask' | 'deny';
export type Effect = 'read' | 'write';
export type UsageKind = 'anthropic-messages';

/** How a credential is carried, and what the agent holds in its place. */
export interface CredentialScheme {
  readonly kind: 'bearer' | 'api-key-header';
  /** Lower case. */
  readonly header: string;
  /** Written before the secret, for example `Bearer `. */
  readonly prefix: string;
  /** Has the shape of a real one, and is none. */
  readonly placeholder: string;
  /** Environment variable in which tools look for it. */
  readonly environment: string;
}

interface OperationBase {
  /** `<connector>.<snake_case>` */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly method: string;
  /** With `{name}` for a path parameter. */
  readonly path: string;
  readonly effect: Effect;
  readonly idempotent: boolean;
  readonly approval: Approval;
  /** `inspected`: buffered up to the limit, then matched and digested. */
  readonly body: 'inspected' | 'streamed';
  readonly maxBodyBytes: number;
  /** Of the arguments as the policy and the approver see them. */
  readonly parameters: JsonSchema;
  /** Headers that are part of an approval's digest, lower case. */
  readonly digestHeaders: readonly string[];
  /** Paths of arguments that an audit record must not hold. */
  readonly redact: readonly string[];
  readonly usage: UsageKind | null;
  readonly shim: ShimSource | null;
}

export interface RestOperation extends OperationBase {
  readonly kind: 'rest';
  readonly pathParameters: Readonly<Record<string, JsonSchema>>;
  readonly queryParameters: Readonly<Record<string, { readonly schema: JsonSchema; readonly required: boolean }>>;
  /** Null: no body is taken. */
  readonly bodySchema: JsonSchema | null;
  /** Fields of the body that are arguments; the others are only digested. Null: all. */
  readonly argumentFields: readonly string[] | null;
}

export interface GraphqlOperation extends OperationBase {
  readonly kind: 'graphql';
  readonly type: 'query' | 'mutation';
  /** Root field. */
  readonly field: string;
}

export type Operation = RestOperation | GraphqlOperation;

/** A command of the generated tool. */
export interface ShimSource {
  readonly command: string;
  readonly document: string | null;
  readonly options: readonly {
    readonly name: string;
    readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'strings' | 'json';
    readonly description: string;
    readonly required: boolean;
    readonly values?: readonly string[] | undefined;
    readonly into: readonly string[];
  }[];
  readonly output: { readonly path: readonly string[]; readonly template: string | null };
}

/** A connector, compiled: plain data that travels in a bundle. */
export interface Connector {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  readonly description: string;
  /** SHA-256 of everything else, base64url. */
  readonly digest: string;
  readonly hosts: readonly string[];
  readonly credential: CredentialScheme;
  readonly operations: readonly Operation[];
}

/** A request as the proxy's parser made it: one spelling of everything. */
export interface CanonicalRequest {
  readonly method: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly query: readonly (readonly [key: string, value: string])[];
  /** Lower-case names. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array | null;
  /** What a `StrictJsonReader` read of the body while it came. Undefined: the body is parsed. */
  readonly json?: unknown;
}

export interface MatchResult {
  readonly connector: Connector;
  readonly operation: Operation;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** A line for people. */
  readonly summary: string;
}
