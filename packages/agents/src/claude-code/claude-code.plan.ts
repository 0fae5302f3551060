import { z } from 'zod';
import { type AgentEventBody, EVENT_LIMITS, type PlanEntry } from '@aileron/contracts/agent-events';
import { boundedTitle } from '../content/bounded-content.js';
import type { AssistantLine, UserLine } from './claude-code.lines.js';

const MOST_CALLS = 256;

const Created = z.looseObject({ task: z.looseObject({ id: z.string(), subject: z.string() }) });
const Updated = z.looseObject({
  success: z.boolean(),
  taskId: z.string(),
  statusChange: z.looseObject({ to: z.string() }).optional(),
});
const Listed = z.looseObject({
  tasks: z.array(z.looseObject({ id: z.string(), subject: z.string(), status: z.string() })),
});
const Todos = z.looseObject({ todos: z.array(z.looseObject({ content: z.string(), status: z.string() })) });

interface Call {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** The agent's plan, from the results of its task tools (TodoWrite in older ones). Kept over a crash, as the agent keeps it. */
export class ClaudePlan {
  private entries = new Map<string, PlanEntry>();
  private readonly calls = new Map<string, Call>();

  onCalls({ message }: AssistantLine): void {
    for (const { type, id, name = '', input = {} } of message.content) {
      if (type !== 'tool_use' || id === undefined || !/^(Task(Create|Update|List)|TodoWrite)$/.test(name)) continue;
      this.calls.set(id, { name, input });
      const [oldest] = this.calls.keys();
      if (this.calls.size > MOST_CALLS && oldest !== undefined) this.calls.delete(oldest);
    }
  }

  onResult({ message, tool_use_result: result }: UserLine): AgentEventBody[] {
    if (typeof message.content === 'string') return [];
    const done = message.content.find(({ type, is_error: isError }) => type === 'tool_result' && isError !== true);
    const call = done?.tool_use_id === undefined ? undefined : this.calls.get(done.tool_use_id);
    if (call === undefined || done?.tool_use_id === undefined) return [];
    this.calls.delete(done.tool_use_id);
    return this.change(call, result) ? [this.event()] : [];
  }

  private change({ name, input }: Call, result: unknown): boolean {
    switch (name) {
      case 'TaskCreate':
        return this.onCreated(Created.safeParse(result).data);
      case 'TaskUpdate':
        return this.onUpdated(Updated.safeParse(result).data, input['subject']);
      case 'TaskList':
        return this.replace(Listed.safeParse(result).data?.tasks.map((task) => ({ ...task, text: task.subject })));
      default:
        return this.replace(
          Todos.safeParse(input).data?.todos.map((todo, i) => ({ ...todo, id: `${i + 1}`, text: todo.content })),
        );
    }
  }

  private onCreated(created: z.infer<typeof Created> | undefined): boolean {
    if (created === undefined) return false;
    this.set(created.task.id, created.task.subject, 'pending');
    return true;
  }

  private onUpdated(updated: z.infer<typeof Updated> | undefined, subject: unknown): boolean {
    const entry = updated === undefined ? undefined : this.entries.get(updated.taskId);
    if (updated?.success !== true || entry === undefined) return false;
    const status = updated.statusChange?.to ?? entry.status;
    if (status === 'deleted') this.entries.delete(entry.id);
    else this.set(entry.id, typeof subject === 'string' ? subject : entry.text, status);
    return true;
  }

  private replace(entries: readonly { id: string; text: string; status: string }[] | undefined): boolean {
    if (entries === undefined) return false;
    this.entries = new Map();
    for (const { id, text, status } of entries) this.set(id, text, status);
    return true;
  }

  private set(id: string, text: string, status: string): void {
    const key = id.slice(0, EVENT_LIMITS.id) || '0';
    if (!this.entries.has(key) && this.entries.size > EVENT_LIMITS.planEntries) return;
    this.entries.set(key, { id: key, text: boundedTitle(text, EVENT_LIMITS.planText), status: statusOf(status) });
  }

  private event(): AgentEventBody {
    const entries = [...this.entries.values()];
    const kept = entries.slice(0, EVENT_LIMITS.planEntries);
    return { type: 'plan', entries: kept, truncated: kept.length < entries.length };
  }
}

function statusOf(status: string): PlanEntry['status'] {
  if (status === 'completed') return 'completed';
  return status === 'in_progress' || status === 'in-progress' ? 'in-progress' : 'pending';
}
