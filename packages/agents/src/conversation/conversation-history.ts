import type { Beginning } from './protocol-driver.js';

/** What the agent keeps of a conversation beyond its process, as far as is known. */
export class ConversationHistory {
  /** It said that it has recorded something. */
  isRecorded: boolean;
  /** It was sent something, and may have recorded it without having said so. */
  private wasSent = false;

  constructor(private readonly beginning: Beginning) {
    this.isRecorded = beginning.kind === 'resume';
  }

  onSent(): void {
    this.wasSent = true;
  }

  onRecorded(): void {
    this.isRecorded = true;
  }

  /** How the next process begins. */
  next(conversationId: string, canResume: boolean): Beginning {
    return this.isRecorded || (this.wasSent && canResume) ? { kind: 'resume', conversationId } : this.beginning;
  }
}
