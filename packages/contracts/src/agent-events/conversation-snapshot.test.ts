import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyAgentEvent } from './apply-agent-event.js';
import { runs } from './arbitrary-events.fixture.js';
import { ConversationSnapshot } from './conversation-snapshot.js';
import { EMPTY_CONVERSATION } from './conversation-view.js';

it('accepts every conversation that events can make, as JSON, and changes nothing in it', () => {
  fc.assert(
    fc.property(runs, (events) => {
      const json: unknown = JSON.parse(JSON.stringify(events.reduce(applyAgentEvent, EMPTY_CONVERSATION)));
      expect(ConversationSnapshot.parse(json)).toEqual(json);
    }),
  );
});

it('refuses what is none', () => {
  expect(ConversationSnapshot.safeParse({ ...EMPTY_CONVERSATION, state: 'happy' }).success).toBe(false);
  expect(ConversationSnapshot.safeParse({ ...EMPTY_CONVERSATION, items: [{ type: 'tool' }] }).success).toBe(false);
});
