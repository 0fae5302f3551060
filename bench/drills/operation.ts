/**
 * What the agent asks for. `read` and `stream` are allowed, `asked` wants a person's yes, `forbidden` is an operation that no
 * connector has: it must never arrive.
 */
export type Kind = 'read' | 'stream' | 'asked' | 'forbidden';

/** How often each is asked for. */
const SHARES: readonly (readonly [kind: Kind, upTo: number])[] = [
  ['asked', 0.05],
  ['stream', 0.11],
  ['forbidden', 0.14],
  ['read', 1],
];

export const kindOf = (chance: number): Kind => SHARES.find(([, upTo]) => chance < upTo)?.[0] ?? 'read';

export const LINEAR = 'api.linear.app';
export const ANTHROPIC = 'api.anthropic.com';

/** One HTTP request as the agent writes it. */
export interface AgentRequest {
  readonly host: typeof LINEAR | typeof ANTHROPIC;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Made up by the agent, and found again at the upstream and in the audit. */
  readonly marker: string;
}

const SEARCH =
  'query($term: String!, $first: Int) { searchIssues(term: $term, first: $first) { nodes { identifier title } } }';
const CREATE = 'mutation($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { identifier } } }';
const ARCHIVE = 'mutation($id: String!) { issueArchive(id: $id) { success } }';

/** `name` ends with `-<number>` and differs for each request that is told apart: an asked operation keeps it when it is repeated. */
export function requestOf(kind: Kind, name: string): AgentRequest {
  switch (kind) {
    case 'read':
      return graphql(name, { query: SEARCH, variables: { term: name, first: 5 } });
    case 'asked':
      return graphql(name, { query: CREATE, variables: { input: { title: name, teamId: 'ENG' } } });
    case 'forbidden':
      return graphql(name, { query: ARCHIVE, variables: { id: name } });
    case 'stream':
      return message(FIRST_MAX_TOKENS + Number(name.slice(name.lastIndexOf('-') + 1)));
  }
}

/** The audit keeps no word of a conversation; it keeps this number, which tells streams apart. */
const FIRST_MAX_TOKENS = 1_000;

function message(maxTokens: number): AgentRequest {
  const messages = [{ role: 'user', content: 'What is on my list?' }];
  return {
    host: ANTHROPIC,
    path: '/v1/messages',
    headers: {
      'x-api-key': 'sk-ant-api03-aileron-placeholder-000000000000000000000000',
      'anthropic-version': '2023-06-01',
    },
    body: JSON.stringify({ model: 'claude-haiku-4-5-20251001', max_tokens: maxTokens, stream: true, messages }),
    marker: `max_tokens ${maxTokens}`,
  };
}

const graphql = (marker: string, body: unknown): AgentRequest => ({
  host: LINEAR,
  path: '/graphql',
  headers: { authorization: 'lin_api_aileronplaceholder00000000000000' },
  body: JSON.stringify(body),
  marker,
});

/** The marker in what the upstream received, or in the arguments that the audit kept. Undefined: it is none of ours. */
export function markerIn(values: Readonly<Record<string, unknown>>): string | undefined {
  const { variables, input, term, title, id, max_tokens: maxTokens } = values;
  if (typeof maxTokens === 'number') return `max_tokens ${maxTokens}`;
  for (const found of [term, title, id]) if (typeof found === 'string') return found;
  for (const inner of [variables, input]) if (isRecord(inner)) return markerIn(inner);
  return undefined;
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
