import type { AgentEventBody } from '@aileron/contracts/agent-events';

/** Messages and tool calls that have begun and not ended, so that a crash leaves none that seems to go on. */
export class OpenWork {
  private readonly messages = new Set<string>();
  private readonly toolCalls = new Set<string>();

  note(event: AgentEventBody): void {
    switch (event.type) {
      case 'message':
        if (event.done) this.messages.delete(event.messageId);
        else this.messages.add(event.messageId);
        return;
      case 'message-done':
        this.messages.delete(event.messageId);
        return;
      case 'tool-call':
        this.toolCalls.add(event.toolCallId);
        return;
      case 'tool-result':
        this.toolCalls.delete(event.toolCallId);
        return;
      default:
    }
  }

  /** The events that end all of it. */
  cut(): AgentEventBody[] {
    const messages = [...this.messages].map((messageId): AgentEventBody => ({
      type: 'message-done',
      messageId,
      interrupted: true,
    }));
    const results = [...this.toolCalls].map((toolCallId): AgentEventBody => ({
      type: 'tool-result',
      toolCallId,
      outcome: 'interrupted',
      text: '',
      omitted: 0,
      diff: null,
    }));
    this.messages.clear();
    this.toolCalls.clear();
    return [...messages, ...results];
  }
}
