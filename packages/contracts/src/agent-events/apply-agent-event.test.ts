import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AgentEvent, agentEventId, readAgentEvent, type AgentEventBody } from './agent-event.js';
import { applyAgentEvent } from './apply-agent-event.js';
import { eventBody, runs, stamped } from './arbitrary-events.fixture.js';
import { charactersOf } from './conversation-items.js';
import { EMPTY_CONVERSATION, openPrompts, totalUsage, type ConversationView } from './conversation-view.js';
import { EVENT_LIMITS, VIEW_LIMITS } from './event-limits.js';
import { messageEvents, textDeltas } from './split-text.js';

const fold = (events: readonly AgentEvent[], from = EMPTY_CONVERSATION): ConversationView =>
  events.reduce(applyAgentEvent, from);
const foldBodies = (...bodies: AgentEventBody[]): ConversationView => fold(bodies.map((body, n) => stamped(body, n)));
const message = { messageId: 'm', role: 'assistant', kind: 'text', parentToolCallId: null } as const;
const usageOf = (inputTokens: number, costUsd: number | null) =>
  ({
    type: 'usage',
    total: { inputTokens, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd },
    context: null,
  }) as const;

describe('the fold of a conversation', () => {
  it('is the same over any replay: each event again at any time, or all from any earlier point', () => {
    fc.assert(
      fc.property(runs, fc.infiniteStream(fc.nat()), (events, choices) => {
        const whole = fold(events);
        const [again = 0, back = 0] = [choices.next().value, choices.next().value].map(Number);
        const doubled = events.flatMap((event, i) => [event, ...events.slice(Math.max(0, i - (again % 5)), i + 1)]);
        expect(fold(doubled)).toEqual(whole);
        const cut = events.length === 0 ? 0 : back % events.length;
        expect(fold([...events.slice(0, cut), ...events])).toEqual(whole);
      }),
    );
  });

  it('goes on from a snapshot at any point, as JSON', () => {
    fc.assert(
      fc.property(runs, fc.nat(), (events, at) => {
        const cut = at % (events.length + 1);
        const snapshot = JSON.parse(JSON.stringify(fold(events.slice(0, cut)))) as ConversationView;
        expect(JSON.parse(JSON.stringify(fold(events.slice(cut), snapshot)))).toEqual(
          JSON.parse(JSON.stringify(fold(events))),
        );
      }),
    );
  });

  it('does not change what it was given', () => {
    fc.assert(
      fc.property(runs, (events) => {
        const frozen = (view: ConversationView): ConversationView =>
          Object.freeze({ ...view, items: Object.freeze([...view.items]) });
        events.reduce((view, event) => frozen(applyAgentEvent(view, Object.freeze(event))), frozen(EMPTY_CONVERSATION));
      }),
    );
  });

  it('gives the same text however a message is split', () => {
    const anyText = fc.string({ maxLength: 200, unit: 'grapheme' });
    fc.assert(
      fc.property(anyText, fc.array(fc.nat(200)), (text, cuts) => {
        const places = [...new Set([0, text.length, ...cuts.map((cut) => cut % (text.length + 1))])].toSorted(
          (a, b) => a - b,
        );
        const parts = places.slice(1).map((end, i) => text.slice(places[i], end));
        let offset = 0;
        const deltas = parts.flatMap((part) => {
          const events = textDeltas('m', offset, part);
          offset += part.length;
          return events;
        });
        const streamed = foldBodies({ type: 'message', ...message, text: '', done: false }, ...deltas, {
          type: 'message-done',
          messageId: 'm',
          interrupted: false,
        });
        const whole = foldBodies(...messageEvents({ ...message, done: true }, text));
        expect(streamed.items).toEqual(whole.items);
      }),
    );
  });

  it('says how many events are missing, and where', () => {
    const note = (text: string) => ({ type: 'notice', level: 'info', code: 'note', text }) as const;
    const view = fold([stamped(note('one'), 0), stamped(note('four'), 3)]);
    expect(view.items.map((item) => (item.type === 'gap' ? item.missing : item.type))).toEqual(['notice', 2, 'notice']);
  });

  it('counts its characters rightly, whatever comes', () => {
    fc.assert(
      fc.property(runs, (events) => {
        const view = fold(events);
        expect(view.characters).toBe(view.items.reduce((sum, item) => sum + charactersOf(item), 0));
        expect(new Set(view.items.map(({ key }) => key)).size).toBe(view.items.length);
      }),
    );
  });

  it('keeps the newest of a long conversation, and counts the rest', () => {
    const bodies = Array.from({ length: VIEW_LIMITS.items + 10 }, (_, i): AgentEventBody => {
      return { type: 'message', ...message, messageId: `m${i}`, text: `number ${i}`, done: true };
    });
    const many = foldBodies(...bodies);
    expect([many.items.length, many.droppedItems]).toEqual([VIEW_LIMITS.items, 10]);
    const big = 'x'.repeat(EVENT_LIMITS.text);
    const large = Array.from({ length: 100 }, (_, i): AgentEventBody => {
      return { type: 'message', ...message, messageId: `m${i}`, text: big, done: true };
    });
    const view = foldBodies(...large);
    expect(view.characters).toBeLessThanOrEqual(VIEW_LIMITS.characters);
    expect(view.items.length + view.droppedItems).toBe(100);
    expect(view.items.at(-1)?.key).toBe('message:m99');
  });

  it('keeps the head of a message without end', () => {
    const rounds = Math.ceil(VIEW_LIMITS.messageCharacters / EVENT_LIMITS.text) + 3;
    const text = 'y'.repeat(EVENT_LIMITS.text * rounds);
    const [item] = foldBodies(...messageEvents({ ...message, done: true }, text)).items;
    expect(item).toMatchObject({ type: 'message', done: true, omitted: text.length - VIEW_LIMITS.messageCharacters });
  });

  it('adds up what runs spent, each once, and knows when it does not know the money', () => {
    const events = [stamped(usageOf(10, 0.5), 0), stamped(usageOf(30, 0.75), 1), stamped(usageOf(5, 0.25), 0, 'run-1')];
    expect(totalUsage(fold(events))).toMatchObject({ inputTokens: 35, costUsd: 1 });
    expect(totalUsage(fold([...events, stamped(usageOf(6, null), 1, 'run-1')]))).toMatchObject({
      inputTokens: 36,
      costUsd: null,
    });
  });

  it('holds the first answer to a prompt', () => {
    const asked = {
      type: 'question',
      promptId: 'p',
      toolCallId: null,
      parentToolCallId: null,
      expiresAt: null,
    } as const;
    const question = { ...asked, questions: [{ question: 'Which?', header: '', several: false, options: [] }] };
    expect(openPrompts(foldBodies(question))).toHaveLength(1);
    const answer = { type: 'prompt-answer' as const, promptId: 'p', text: null, remembered: [] };
    const view = foldBodies(question, { ...answer, outcome: 'denied' }, { ...answer, outcome: 'answered' });
    expect(openPrompts(view)).toEqual([]);
    expect(view.items[0]).toMatchObject({ answer: { outcome: 'denied' } });
  });
});

describe('an event', () => {
  it('passes its own schema, and nothing else does', () => {
    fc.assert(
      fc.property(eventBody, fc.nat(), (body, n) => {
        const event = stamped(body, n);
        expect(readAgentEvent(JSON.parse(JSON.stringify(event)))).toEqual(JSON.parse(JSON.stringify(event)));
        expect(readAgentEvent({ ...event, more: 1 })).toBeNull();
        expect(readAgentEvent({ ...event, v: 2 })).toBeNull();
        expect(agentEventId(event)).toBe(`run-0:${n}`);
      }),
    );
    for (const value of [null, 'x', {}, { type: 'state' }, { type: 'other', v: 1 }])
      expect(readAgentEvent(value)).toBeNull();
  });

  it('stays below what its transport takes, at its worst', () => {
    const worst = (length: number): string => '\u0001'.repeat(length);
    const text = worst(EVENT_LIMITS.text);
    const lines = Array.from({ length: 20 }, () => worst(EVENT_LIMITS.diffText / 20));
    const hunk = { oldStart: 1, oldLines: 1, newStart: 1, newLines: 1, lines };
    const bodies: AgentEventBody[] = [
      { type: 'message', ...message, text, done: true },
      { type: 'message-delta', messageId: 'm', offset: 0, text },
      {
        type: 'tool-result',
        toolCallId: 't',
        outcome: 'ok',
        text: worst(EVENT_LIMITS.resultText),
        omitted: 0,
        diff: { path: worst(EVENT_LIMITS.path), change: 'update', hunks: [hunk], truncated: false },
      },
    ];
    for (const body of bodies) {
      const event = AgentEvent.parse(stamped(body, 0));
      expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(256 << 10);
    }
  });
});
