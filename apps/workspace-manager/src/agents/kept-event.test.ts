import { EVENT_LIMITS } from '@aileron/contracts/agent-events';
import { describe, expect, it } from '@jest/globals';
import { keptEvent } from './kept-event.js';

const stamp = { v: 1, run: 'run_a', n: 7, at: '2026-11-21T08:00:00.000Z' };
const notice = (code: string) => expect.objectContaining({ ...stamp, type: 'notice', level: 'warning', code });

/** As large as the bounds of its fields allow, and each unit six bytes as JSON. */
const largestQuestion = () => {
  const text = (length: number) => String.fromCharCode(1).repeat(length);
  const option = { label: text(EVENT_LIMITS.title), description: text(EVENT_LIMITS.questionText) };
  const options = Array.from({ length: EVENT_LIMITS.options }, () => option);
  const asked = { question: text(EVENT_LIMITS.questionText), header: '', several: false, options };
  const questions = Array.from({ length: EVENT_LIMITS.questions }, () => asked);
  return {
    ...stamp,
    type: 'question',
    promptId: 'p',
    toolCallId: null,
    parentToolCallId: null,
    questions,
    expiresAt: null,
  };
};

describe('an event of a runtime', () => {
  it('is kept as it is', () => {
    const event = { ...stamp, type: 'state', state: 'idle', reason: null };
    expect(keptEvent(event)).toEqual(event);
  });

  it('leaves a notice in its place when it is too large, or cannot be read', () => {
    expect(keptEvent(largestQuestion())).toEqual(notice('event-too-large'));
    expect(keptEvent({ ...stamp, type: 'of another version', more: true })).toEqual(notice('event-unreadable'));
    expect(keptEvent({ ...stamp, v: 2, type: 'state' })).toEqual(notice('event-unreadable'));
  });

  it('is nothing without a place', () => {
    for (const value of [null, 'text', {}, { ...stamp, n: -1 }, { ...stamp, run: '' }])
      expect(keptEvent(value)).toBeNull();
  });
});
