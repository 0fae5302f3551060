/** What a command of a connector does, as `generateShim` of @aileron/connectors writes it to /opt/aileron/shims/<name>.json. */
export interface ShimSpec {
  /** Of the command on PATH, such as `linear`. */
  readonly name: string;
  readonly description: string;
  readonly host: string;
  readonly port: number;
  /** Sent with each request; holds the connector's placeholder where the credential goes. */
  readonly headers: Readonly<Record<string, string>>;
  readonly commands: readonly ShimCommand[];
}

export interface ShimCommand {
  /** As typed: `create-issue`. */
  readonly name: string;
  /** `linear.create_issue` */
  readonly operation: string;
  readonly description: string;
  readonly effect: 'read' | 'write';
  readonly idempotent: boolean;
  readonly approval: 'allow' | 'ask' | 'deny';
  readonly options: readonly ShimOption[];
  readonly request: ShimRequest;
  readonly output: ShimOutput;
}

export interface ShimOption {
  /** Without the dashes: `team-id`. */
  readonly name: string;
  /** `strings` may be repeated; `json` takes any JSON value. */
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'strings' | 'json';
  readonly description: string;
  readonly required: boolean;
  /** Allowed values of a string. */
  readonly values?: readonly string[];
  /** Where the value goes: `['variables', 'input', 'title']`, `['path', 'id']`, `['query', 'limit']`, `['body', 'name']`. */
  readonly into: readonly string[];
}

export type ShimRequest =
  | {
      readonly kind: 'graphql';
      readonly path: string;
      readonly document: string;
      readonly operationName: string | null;
    }
  | { readonly kind: 'rest'; readonly method: string; /** With `{name}` for path parameters. */ readonly path: string };

export interface ShimOutput {
  /** Way into the JSON of the answer: `['data', 'issueCreate', 'issue']`. */
  readonly path: readonly string[];
  /** A line for each value there, `{field.inner}` replaced; null prints the JSON. */
  readonly template: string | null;
}
