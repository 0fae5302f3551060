import { z } from 'zod';
import { AgentEvent } from '../agent-events/agent-event.js';
import { ConversationSnapshot } from '../agent-events/conversation-snapshot.js';
import { Problem } from '../rest/problem.js';
import { AgentSessionView } from '../workspace/agent-sessions.js';
import { EffectiveFirewall, FirewallSettings } from '../workspace/firewall.js';
import { FileContent, GitStatus } from '../workspace/files.js';
import { ProvisionerView, TemplateView } from '../workspace/platform.js';
import {
  FilesChange,
  StreamNotice,
  WorkspaceEvent,
  WorkspaceEventsView,
  WorkspaceListChange,
} from '../workspace/streams.js';
import { TerminalInput, TerminalView } from '../workspace/terminals.js';
import { WorkspaceView } from '../workspace/workspaces.js';

/** Schemas that have a name of their own in the document. None of them reads otherwise than it writes. */
const NAMED = {
  AgentEvent,
  AgentSessionView,
  ConversationSnapshot,
  EffectiveFirewall,
  FileContent,
  FilesChange,
  FirewallSettings,
  GitStatus,
  Problem,
  ProvisionerView,
  StreamNotice,
  TemplateView,
  TerminalInput,
  TerminalView,
  WorkspaceEvent,
  WorkspaceEventsView,
  WorkspaceListChange,
  WorkspaceView,
} as const satisfies Readonly<Record<string, z.ZodType>>;

export type JsonSchema = Readonly<Record<string, unknown>>;

/** JSON schemas (2020-12, as OpenAPI 3.1 has them) of Zod schemas; what has a name is gathered under `components`. */
export class SchemaComponents {
  readonly #registry = z.registry<{ id: string }>();
  readonly #components = new Map<string, JsonSchema>();

  constructor() {
    for (const [id, schema] of Object.entries(NAMED)) this.#registry.add(schema, { id });
  }

  /** `io`: a body as it is sent, or as it is read. `owner` makes names of what has none. */
  schemaOf(schema: z.ZodType, { io, owner }: { readonly io: 'input' | 'output'; readonly owner: string }): JsonSchema {
    const made = z.toJSONSchema(schema, { io, metadata: this.#registry, override: asFlag });
    const { $schema: _, $defs = {}, ...root } = rename(made, owner) as Record<string, unknown>;
    for (const [name, definition] of Object.entries($defs as Record<string, JsonSchema>))
      this.#define(name, definition);
    const { id, ...rest } = root;
    if (typeof id !== 'string') return root;
    this.#define(id, rest);
    return { $ref: `#/components/schemas/${id}` };
  }

  get schemas(): Readonly<Record<string, JsonSchema>> {
    return Object.fromEntries([...this.#components].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #define(name: string, { id: _, ...definition }: JsonSchema): void {
    const present = this.#components.get(name);
    if (present !== undefined && JSON.stringify(present) !== JSON.stringify(definition)) {
      throw new Error(`${name} is two schemas`);
    }
    this.#components.set(name, definition);
  }
}

/** A flag of a query is text on the way, and a boolean for whoever reads the document. */
function asFlag({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodTypes;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}): void {
  if (zodSchema._zod.def.type !== 'pipe' || zodSchema._zod.def.out._zod.def.type !== 'boolean') return;
  for (const key of Object.keys(jsonSchema)) if (key !== 'default') delete jsonSchema[key];
  jsonSchema.type = 'boolean';
}

/** References into `$defs` become references to components; a number that Zod gave becomes a name of its owner's. */
function rename(node: unknown, owner: string): unknown {
  if (Array.isArray(node)) return node.map((item) => rename(item, owner));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, value]) => {
      if (key === '$ref' && typeof value === 'string') return [key, target(value, owner)];
      if (key === '$defs') return [key, rename(named(value as object, owner), owner)];
      return [key, rename(value, owner)];
    }),
  );
}

const own = (name: string, owner: string): string => name.replace(/^__schema(\d+)$/, `${owner}Part$1`);
const target = (reference: string, owner: string): string =>
  `#/components/schemas/${own(reference.replace(/^#\/\$defs\//, ''), owner)}`;
const named = (definitions: object, owner: string): object =>
  Object.fromEntries(Object.entries(definitions).map(([name, value]) => [own(name, owner), value as unknown]));
