import { assertNever } from '@aileron/errors';
import { type AgentEventOf, EVENT_LIMITS } from '@aileron/contracts/agent-events';
import type { PromptAnswer } from './agent-adapter.js';
import type { AgentClock } from './agent-clock.js';
import type { ConversationLog } from './conversation-log.js';
import { PromptBook } from './prompt-book.js';
import type { PromptEvent } from './protocol-driver.js';

const EXPIRED = 'Nobody answered in time, so this was not allowed. Do not try it again unless you are asked to.';
const TOO_MANY = 'Too many requests wait for an answer already.';

/** Puts the agent's prompts before people and takes one answer to each. */
export class PromptDesk {
  private readonly book: PromptBook;

  constructor(
    private readonly log: ConversationLog,
    private readonly reply: (answer: PromptAnswer) => void,
    clock: AgentClock,
    deadlineMs: number | null,
  ) {
    this.book = new PromptBook(clock, deadlineMs, (promptId) => {
      this.decide({ promptId, decision: 'deny', text: EXPIRED }, 'expired', []);
    });
  }

  /** Whom the agent waits for; null when for nobody. */
  get waiting(): 'waiting-approval' | 'waiting-input' | null {
    return this.book.waiting();
  }

  onPrompt(prompt: PromptEvent): void {
    if (this.book.isFull) {
      this.log.notice('warning', 'prompt-refused', TOO_MANY);
      return this.reply({ promptId: prompt.promptId, decision: 'deny', text: TOO_MANY });
    }
    this.log.emit({ ...prompt, expiresAt: this.book.add(prompt) });
    this.showWaiting();
  }

  /** The agent no longer waits for it. */
  onCancelled(promptId: string): void {
    if (!this.book.remove(promptId)) return;
    this.tell(promptId, 'cancelled', null, []);
    this.showWaiting();
  }

  /** @throws AileronError NOT_FOUND, INVALID_ARGUMENT */
  answer(answer: PromptAnswer): void {
    const prompt = this.book.check(answer);
    const { suggestionIds = [] } = answer;
    const offered = prompt.type === 'question' ? [] : prompt.suggestions;
    const remembered = offered.filter(({ id }) => suggestionIds.includes(id)).map(({ label }) => label);
    this.decide(answer, outcomeOf(prompt, answer), remembered);
  }

  private decide(answer: PromptAnswer, outcome: Outcome, remembered: string[]): void {
    this.book.remove(answer.promptId);
    this.tell(answer.promptId, outcome, answerText(answer), remembered);
    this.reply(answer);
    this.showWaiting();
  }

  private tell(promptId: string, outcome: Outcome, text: string | null, remembered: string[]): void {
    this.log.emit({
      type: 'prompt-answer',
      promptId,
      outcome,
      text: text?.slice(0, EVENT_LIMITS.note) ?? null,
      remembered,
    });
  }

  /** Once the last one is answered, the agent goes on. */
  private showWaiting(): void {
    this.log.setState(this.book.waiting() ?? 'working');
  }

  cancelAll(): void {
    for (const promptId of this.book.removeAll()) this.tell(promptId, 'cancelled', null, []);
  }
}

type Outcome = AgentEventOf<'prompt-answer'>['outcome'];

function outcomeOf(prompt: PromptEvent, { decision }: PromptAnswer): Outcome {
  if (decision === 'deny') return 'denied';
  switch (prompt.type) {
    case 'permission-request':
      return 'allowed';
    case 'question':
      return 'answered';
    default:
      return assertNever(prompt);
  }
}

function answerText({ text, answers }: PromptAnswer): string | null {
  const replies = Object.entries(answers ?? {}).map(([question, reply]) => `${question} ${reply}`);
  const lines = [...replies, ...(text === undefined ? [] : [text])];
  return lines.length === 0 ? null : lines.join('\n');
}
