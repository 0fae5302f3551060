import { randomUUID } from 'node:crypto';
import type { AgentAdapter, AgentConversation, ResumeOptions, StartOptions } from '../conversation/agent-adapter.js';
import type { ManualClock } from './manual-clock.js';
import type { ProcessControl } from './process-control.js';
import { EventRecorder } from './event-recorder.js';

/**
 * What makes the agent do a certain thing in one turn. An agent with a model behind it gets these from a model that is
 * scripted; the words are free.
 */
export interface ConformancePrompts {
  /** It answers with exactly this text and does nothing else. */
  say(text: string): string;
  /** It runs this shell command in the project, for which it must ask. */
  run(command: string): string;
  /** It creates this file with this text, for which it must ask; the first suggestion allows it for the conversation. */
  write(path: string, text: string): string;
  /** It asks this, then says what it was answered. */
  ask(question: string, options: readonly string[]): string;
  /** It plans these steps. */
  plan(entries: readonly string[]): string;
  /** It reads so many bytes as the output of a tool; where it can be told not to ask, it does not. */
  output(bytes: number): string;
  /** It says the first message of the conversation, literally. */
  recall(): string;
}

/** An agent to be held to the port, in a place of its own. */
export interface ConformanceSubject {
  readonly adapter: AgentAdapter;
  readonly clock: ManualClock;
  readonly processes: ProcessControl;
  readonly prompts: ConformancePrompts;
  /** The project as this process sees it. */
  readonly projectDirectory: string;
  dispose(): Promise<void>;
}

/** A conversation of a test and what it told. */
export class Talk {
  readonly recorder = new EventRecorder();
  readonly conversation: AgentConversation;

  private constructor(begin: (options: StartOptions) => AgentConversation) {
    this.conversation = begin({ sink: this.recorder.sink });
  }

  static start({ adapter }: ConformanceSubject, options: Partial<StartOptions> = {}): Talk {
    return new Talk((base) => adapter.start({ ...base, ...options }));
  }

  static resume({ adapter }: ConformanceSubject, options: Omit<ResumeOptions, 'sink'>): Talk {
    return new Talk((base) => adapter.resume({ ...base, ...options }));
  }

  static fork({ adapter }: ConformanceSubject, options: Omit<ResumeOptions, 'sink'>): Talk {
    return new Talk((base) => adapter.fork({ ...base, ...options }));
  }

  get view() {
    return this.recorder.view;
  }

  async idle(): Promise<this> {
    await this.recorder.until(({ state }) => state === 'idle', 'state idle');
    return this;
  }

  send(text: string, messageId: string = randomUUID()): 'sent' | 'queued' {
    return this.conversation.send({ messageId, text });
  }

  /** Sends, and waits for the end of the turn. */
  async turn(text: string): Promise<void> {
    const from = this.recorder.events.length;
    this.send(text);
    await this.turnOver(from);
  }

  /** A turn that began after event `from` is over. */
  async turnOver(from: number): Promise<void> {
    await this.recorder.until(() => {
      const states = this.recorder.events.slice(from).flatMap((event) => (event.type === 'state' ? [event.state] : []));
      return states.includes('working') && states.at(-1) === 'idle';
    }, 'the end of a turn');
  }

  /** Sends, and waits for the prompt that it leads to. */
  async prompt(text: string) {
    const from = this.recorder.events.length;
    this.send(text);
    return await this.recorder.event('permission-request', from);
  }

  /** Texts of the agent, each whole. */
  said(): string[] {
    return this.view.items.flatMap((item) =>
      item.type === 'message' && item.role === 'assistant' && item.kind === 'text' ? [item.text] : [],
    );
  }

  tools() {
    return this.view.items.filter((item) => item.type === 'tool');
  }
}
