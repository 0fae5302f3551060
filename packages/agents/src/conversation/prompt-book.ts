import { AileronError } from '@aileron/errors';
import type { PromptAnswer } from './agent-adapter.js';
import type { AgentClock } from './agent-clock.js';
import type { PromptEvent } from './protocol-driver.js';

const MAX_OPEN = 32;

interface OpenPrompt {
  readonly prompt: PromptEvent;
  readonly stopTimer: () => void;
}

/** Permission requests and questions that wait for an answer, each with its deadline. */
export class PromptBook {
  private readonly open = new Map<string, OpenPrompt>();

  constructor(
    private readonly clock: AgentClock,
    private readonly deadlineMs: number | null,
    private readonly onExpired: (promptId: string) => void,
  ) {}

  get isFull(): boolean {
    return this.open.size >= MAX_OPEN;
  }

  /** When it expires, as an ISO time; null for never. */
  add(prompt: PromptEvent): string | null {
    this.remove(prompt.promptId);
    const { deadlineMs } = this;
    const expire = (): void => this.onExpired(prompt.promptId);
    const stopTimer = deadlineMs === null ? () => undefined : this.clock.after(deadlineMs, expire);
    this.open.set(prompt.promptId, { prompt, stopTimer });
    return deadlineMs === null ? null : new Date(this.clock.now() + deadlineMs).toISOString();
  }

  /** False when it was not open. */
  remove(promptId: string): boolean {
    this.open.get(promptId)?.stopTimer();
    return this.open.delete(promptId);
  }

  removeAll(): string[] {
    const ids = [...this.open.keys()];
    for (const id of ids) this.remove(id);
    return ids;
  }

  /** Whom the agent waits for. */
  waiting(): 'waiting-approval' | 'waiting-input' | null {
    const types = [...this.open.values()].map(({ prompt }) => prompt.type);
    if (types.includes('permission-request')) return 'waiting-approval';
    return types.length > 0 ? 'waiting-input' : null;
  }

  /** @throws AileronError NOT_FOUND, INVALID_ARGUMENT */
  check(answer: PromptAnswer): PromptEvent {
    const prompt = this.open.get(answer.promptId)?.prompt;
    if (prompt === undefined) throw new AileronError('NOT_FOUND', { promptId: answer.promptId.slice(0, 128) });
    const fields = prompt.type === 'question' ? checkReplies(prompt, answer) : checkSuggestions(prompt, answer);
    if (fields.length > 0) throw new AileronError('INVALID_ARGUMENT', { fields });
    return prompt;
  }
}

type Fields = { field: string; message: string }[];
type QuestionPrompt = Extract<PromptEvent, { type: 'question' }>;
type PermissionPrompt = Extract<PromptEvent, { type: 'permission-request' }>;

function checkReplies({ questions }: QuestionPrompt, { decision, text = '', answers = {} }: PromptAnswer): Fields {
  if (decision === 'deny' || text.trim() !== '') return [];
  const open = questions.filter(({ question }) => (Object.hasOwn(answers, question) ? answers[question] : '') === '');
  return open.map(({ question }) => ({ field: 'answers', message: `has no answer to: ${question}` }));
}

function checkSuggestions({ suggestions }: PermissionPrompt, { decision, suggestionIds = [] }: PromptAnswer): Fields {
  const unknown = suggestionIds.filter((id) => decision === 'deny' || !suggestions.some((each) => each.id === id));
  return unknown.map((id) => ({ field: 'suggestionIds', message: `${id.slice(0, 64)} was not offered` }));
}
