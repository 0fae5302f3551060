import { AileronError } from '@aileron/errors';
import type { FinalAgentState } from '@aileron/contracts/agent-events';
import { AgentProcess, type ProcessEnd } from '../process/agent-process.js';
import type { BoundedLine } from '../process/bounded-lines.js';
import type { ProcessLauncher } from '../process/process-launcher.js';
import type {
  AgentConversation,
  AgentDeadlines,
  AgentEnd,
  AgentEventSink,
  PermissionMode,
  PromptAnswer,
  UserMessage,
} from './agent-adapter.js';
import type { AgentClock } from './agent-clock.js';
import { ConversationLog } from './conversation-log.js';
import { ConversationHistory } from './conversation-history.js';
import { CrashBudget } from './crash-budget.js';
import { EventWriter } from './event-writer.js';
import { endReason } from './end-reason.js';
import { PendingInterrupt } from './pending-interrupt.js';
import { PromptDesk } from './prompt-desk.js';
import type {
  AgentProtocol,
  Beginning,
  ProtocolConnection,
  ProtocolDriver,
  ProtocolSignal,
} from './protocol-driver.js';
import { TurnControl } from './turn-control.js';

/** Lines that are no protocol, of one process. */
const MAX_BAD_LINES = 50;
const RESUMED = 'The agent’s process was started anew and knows what was said.';
const RESTARTED = 'The agent’s process was started anew.';

export interface ConversationSetup {
  readonly protocol: AgentProtocol;
  readonly launcher: ProcessLauncher;
  readonly clock: AgentClock;
  readonly runId: string;
  readonly workingDirectory: string;
  readonly beginning: Beginning;
  readonly mode: PermissionMode;
  readonly deadlines: AgentDeadlines;
  readonly sink: AgentEventSink;
}

/** A conversation carried by a process that speaks lines, and by the next one when that crashes. */
export class ProcessConversation implements AgentConversation {
  readonly runId: string;
  readonly finished: Promise<AgentEnd>;
  private readonly log: ConversationLog;
  private readonly turns: TurnControl;
  private readonly prompts: PromptDesk;
  private readonly interrupting: PendingInterrupt;
  private readonly driver: ProtocolDriver;
  private readonly history: ConversationHistory;
  private readonly crashes = new CrashBudget();
  private readonly over = Promise.withResolvers<AgentEnd>();

  private process: AgentProcess | null = null;
  private connection: ProtocolConnection | null = null;
  private stopStartTimer = (): void => undefined;
  private badLines = 0;
  /** The present process takes messages. */
  private connected = false;
  private everConnected = false;
  private unknownReason: string | null = null;
  private ending = false;

  constructor(private readonly setup: ConversationSetup) {
    const { runId, clock, sink, deadlines, protocol, beginning } = setup;
    this.runId = runId;
    this.finished = this.over.promise;
    this.history = new ConversationHistory(beginning);
    this.driver = protocol.createDriver();
    this.log = new ConversationLog(
      new EventWriter(runId, clock, sink, () => this.finish('failed', 'Its events could not be stored.')),
    );
    this.turns = new TurnControl(this.log, this.turnPort(), clock, deadlines.startMs);
    this.prompts = new PromptDesk(this.log, (answer) => this.reply(answer), clock, deadlines.promptMs);
    this.interrupting = new PendingInterrupt(clock, deadlines.interruptMs, () => {
      this.log.error('not-interrupted', 'It did not stop in time, so its process is ended.');
      this.process?.kill();
    });
    this.launch(beginning);
  }

  get state() {
    return this.log.state;
  }

  get conversationId(): string | null {
    return this.log.conversationId;
  }

  send(message: UserMessage): 'sent' | 'queued' {
    this.refuseWhenOver();
    return this.turns.send(message);
  }

  withdraw(messageId: string): boolean {
    return this.turns.withdraw(messageId);
  }

  async interrupt(): Promise<void> {
    this.refuseWhenOver();
    const { name, capabilities } = this.setup.protocol;
    if (!capabilities.interrupt) throw new AileronError('UNIMPLEMENTED', { agent: name, what: 'interrupt' });
    if (!this.isBusy || this.connection === null) return;
    if (this.interrupting.begin()) this.process?.writeLine(this.connection.encodeInterrupt());
    await this.interrupting.over;
  }

  answer(answer: PromptAnswer): void {
    this.prompts.answer(answer);
  }

  end(): Promise<AgentEnd> {
    if (this.ending || this.log.isOver) return this.finished;
    this.ending = true;
    if (this.isBusy && this.connection !== null && this.setup.protocol.capabilities.interrupt) {
      this.process?.writeLine(this.connection.encodeInterrupt());
    }
    this.turns.drop();
    this.prompts.cancelAll();
    this.process?.stop(this.setup.deadlines.endMs);
    return this.finished;
  }

  private get isBusy(): boolean {
    const { state } = this.log;
    return this.turns.isBusy || state === 'working' || state === 'waiting-approval' || state === 'waiting-input';
  }

  private refuseWhenOver(): void {
    if (this.ending || this.log.isOver) throw new AileronError('PRECONDITION_FAILED', { state: this.log.state });
  }

  private turnPort() {
    return {
      canSend: () => this.connected && !this.ending && this.log.state === 'idle',
      write: (message: UserMessage) => {
        this.history.onSent();
        const line = this.connection?.encodeMessage(message);
        if (line === undefined || this.process?.writeLine(line) !== true) this.process?.kill();
      },
      onIgnored: () => {
        this.log.error('protocol', 'It did not take a message in time, so its process is ended.');
        this.process?.kill();
      },
    };
  }

  private reply(answer: PromptAnswer): void {
    if (this.connection !== null) this.process?.writeLine(this.connection.encodeAnswer(answer));
  }

  private launch(beginning: Beginning): void {
    const { launcher, clock, mode, workingDirectory, deadlines } = this.setup;
    const connection = this.driver.connect(beginning, mode);
    const process = new AgentProcess(launcher, clock, {
      onLaunched: () => connection.opening().forEach((line) => process.writeLine(line)),
      onLine: (line) => this.onLine(line),
      onClosed: (end) => this.onClosed(end),
    });
    this.connection = connection;
    this.process = process;
    this.connected = false;
    this.unknownReason = null;
    this.badLines = 0;
    this.stopStartTimer = clock.after(deadlines.startMs, () => {
      this.log.error('start-timeout', `It was not ready within ${deadlines.startMs / 1_000} seconds.`);
      process.kill();
    });
    void process.run({ command: this.driver.command(beginning, mode), workingDirectory });
  }

  private async onLine(line: BoundedLine): Promise<void> {
    for (const signal of this.read(line)) this.apply(signal);
    await this.log.flushed();
  }

  private read(line: BoundedLine): readonly ProtocolSignal[] {
    if (this.log.isOver || this.connection === null) return [];
    if (line.type === 'line') return this.connection.receive(line.text);
    this.log.error('line-too-long', `A line of ${line.bytes} bytes was left out.`);
    // Had it been a prompt, the agent would wait for ever.
    void this.interrupt().catch(() => undefined);
    return [];
  }

  private apply(signal: ProtocolSignal): void {
    switch (signal.type) {
      case 'event':
        return this.log.emit(signal.event);
      case 'ready':
        return this.onReady(signal.model);
      case 'conversation':
        return this.log.name(this.setup.protocol.name, signal.conversationId, signal.model);
      case 'activity':
        return signal.activity === 'idle' ? this.onIdle() : this.log.setState(this.prompts.waiting ?? 'working');
      case 'accepted':
        if (signal.recorded) this.history.onRecorded();
        return this.turns.onAccepted(signal.messageId, signal.recorded);
      case 'prompt':
        return this.prompts.onPrompt(signal.prompt);
      case 'prompt-cancelled':
        return this.prompts.onCancelled(signal.promptId);
      case 'usage':
        return this.log.spend(signal.spent, signal.context);
      case 'reply':
        return void this.process?.writeLine(signal.line);
      case 'conversation-unknown':
        this.unknownReason = signal.reason;
        return;
      case 'unusable':
        return this.finish('failed', signal.reason);
      case 'unreadable':
        return this.onUnreadable(signal.why);
    }
  }

  private onReady(model: string | null): void {
    this.stopStartTimer();
    const resumed = this.everConnected;
    this.connected = true;
    this.everConnected = true;
    const { beginning, protocol } = this.setup;
    this.log.name(protocol.name, this.conversationId ?? beginning.conversationId, model);
    if (resumed) this.log.notice('warning', 'resumed', this.history.isRecorded ? RESUMED : RESTARTED);
    this.log.setState('idle');
    this.interrupting.settle();
    this.turns.onResumed();
    this.turns.sendNext();
  }

  private onIdle(): void {
    if (!this.connected) return;
    // Nothing goes on when it is idle: what has no end yet was cut.
    this.log.cutOpenWork();
    this.prompts.cancelAll();
    this.log.setState('idle');
    this.interrupting.settle();
    this.turns.onIdle();
  }

  private onUnreadable(why: string): void {
    this.badLines += 1;
    if (this.badLines <= MAX_BAD_LINES) return this.log.error('bad-line', why);
    this.finish('failed', 'It does not speak its protocol.');
  }

  private onClosed(end: ProcessEnd): void {
    this.stopStartTimer();
    const connected = this.connected;
    this.connected = false;
    if (this.log.isOver) return;
    if (this.ending) return this.finish('ended', null);
    if (this.unknownReason !== null) return this.onUnknown(this.unknownReason);
    const reason = endReason(end);
    if (connected && end.exit?.code === 0 && !this.isBusy) return this.finish('ended', 'The agent ended itself.');
    this.log.error(end.exit === null ? 'launch-failed' : 'process-exited', reason);
    if (!this.everConnected) return this.finish('failed', reason);
    this.recover(reason);
  }

  /** Of a conversation that it never said to have recorded, nothing is lost. */
  private onUnknown(reason: string): void {
    if (this.history.isRecorded || !this.everConnected) return this.loseContext(reason);
    this.launch(this.setup.beginning);
  }

  private loseContext(reason: string): void {
    this.log.error('conversation-unknown', reason);
    this.finish('context-lost', reason);
  }

  /** Another process goes on where the last one was cut; what it was doing is not done again. */
  private recover(reason: string): void {
    const { clock, protocol, beginning } = this.setup;
    this.log.cutOpenWork();
    this.prompts.cancelAll();
    const cut = this.turns.onProcessLost();
    if (!this.crashes.spend(clock.now())) return this.finish('failed', `It crashed too often. ${reason}`);
    if (this.history.isRecorded && !protocol.capabilities.resume)
      return this.loseContext('It cannot resume a conversation.');
    if (cut) this.log.notice('warning', 'turn-cut', 'The turn under way was cut. It may have been done in part.');
    this.log.setState('starting', reason);
    this.launch(this.history.next(this.conversationId ?? beginning.conversationId, protocol.capabilities.resume));
  }

  private finish(state: FinalAgentState, reason: string | null): void {
    if (this.log.isOver) return;
    this.stopStartTimer();
    this.log.cutOpenWork();
    this.prompts.cancelAll();
    this.turns.drop();
    this.log.setState(state, reason);
    this.interrupting.settle();
    void this.settle({ state, reason });
  }

  private async settle(end: AgentEnd): Promise<void> {
    await this.process?.destroy();
    await this.log.flushed();
    this.over.resolve(end);
  }
}
