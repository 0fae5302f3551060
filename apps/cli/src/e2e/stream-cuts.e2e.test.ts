// Conversation and terminals through the gateway while their sockets are cut, again and again, under load. CI cuts a few dozen
// times; `pnpm cuts` cuts each of them 200 times. STREAM_CUTS and STREAM_CUTS_SEED say how often, and which.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ConversationView } from '@aileron/contracts/agent-events';
import type { WorkspaceView } from '@aileron/contracts/workspace';
import type { WorkspaceClient } from '@aileron/contracts/workspace-client';
import { seededRandom } from '@aileron/testing';
import { workspaceApi } from '../api/workspace-api.js';
import { requireService } from '../home/service-file.js';
import { createWorkspace, LONG_MS, Talk } from './journey.fixture.js';
import { eventually } from './running-service.fixture.js';
import { ConversationReader, enterByLink, type Entered, TerminalReader } from './stream-reader.fixture.js';
import { UpUnderTest } from './up.fixture.js';

const CUTS = Number(process.env['STREAM_CUTS'] ?? 15);
const SEED = Number(process.env['STREAM_CUTS_SEED'] ?? 5);
/** A cut takes a third of a second; on a loaded machine several times that. */
const RUN_MS = 120_000 + CUTS * 4_000;

/** What a shell that starts is sent before may be lost: it sets the terminal up. */
const PROMPT = /[$#] (?:\u001b\[[^m]*m)*$/;

const WORDS_A_LINE = 40;
const LINES_A_TURN = 8;
/** What the agent says in one turn: a message a line, an event a word. */
const saidIn = (turn: number): string[] =>
  Array.from({ length: LINES_A_TURN }, (_, line) =>
    Array.from({ length: WORDS_A_LINE }, (__, word) => `${turn}.${line * WORDS_A_LINE + word + 1}`).join(' '),
  );
const saidBy = ({ items }: ConversationView): string[] =>
  items.flatMap((item) => (item.type === 'message' && item.role === 'assistant' ? [item.text] : []));
const numbered = (word: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${word}-${String(i + 1).padStart(6, '0')}`);

describe(`streams that are cut ${CUTS} times each, seed ${SEED}`, () => {
  let up: UpUnderTest;
  let client: WorkspaceClient;
  let workspace: WorkspaceView;
  let entered: Entered;

  beforeAll(async () => {
    up = await UpUnderTest.start();
    client = workspaceApi(requireService(up.home));
    workspace = await createWorkspace(client);
    entered = await enterByLink(await up.link());
  }, 240_000);
  afterAll(() => up.close(), 120_000);

  const openTerminal = async (): Promise<TerminalReader> => {
    const { workspaceId } = workspace;
    const { terminalId } = await client.openTerminal({ params: { workspaceId }, body: { columns: 120, rows: 30 } });
    const path = `/api/v1/workspaces/${workspaceId}/terminals/${terminalId}/attach`;
    const reader = await TerminalReader.start(entered, path);
    await reader.until(PROMPT);
    return reader;
  };

  it(
    'shows each word of a conversation once and in order',
    async () => {
      const talk = await Talk.start(client, workspace);
      const [steady, cut] = await Promise.all([1, 2].map(() => ConversationReader.start(entered, talk.agentSessionId)));
      if (steady === undefined || cut === undefined) throw new Error('there are two readers');
      let [turns, cutting] = [0, true];
      const hasTurn = ({ view }: ConversationReader) =>
        view.state === 'idle' && saidBy(view).at(-1) === saidIn(turns).at(-1);
      const talking = async (): Promise<void> => {
        while (cutting) {
          turns += 1;
          await talk.say(
            saidIn(turns)
              .flatMap((line) => [`/say ${line}`, '/wait 60'])
              .join('\n'),
          );
          await eventually(() => hasTurn(steady), LONG_MS);
        }
      };
      try {
        await Promise.all([cut.cut(CUTS, seededRandom(SEED)).finally(() => (cutting = false)), talking()]);
        await eventually(() => hasTurn(cut) && cut.isWhole, LONG_MS);
        const said = saidBy(cut.view);
        // The oldest are not kept for ever.
        const asked = Array.from({ length: turns }, (_, turn) => saidIn(turn + 1)).flat();
        expect(said).toEqual(asked.slice(asked.length - said.length));
        expect(cut.view).toEqual(steady.view);
        expect(cut.events.slice(-said.length)).toEqual(steady.events.slice(-said.length));
        expect(cut.cuts).toBe(CUTS);
      } finally {
        steady.close();
        cut.close();
      }
    },
    RUN_MS,
  );

  it(
    'prints each byte of a terminal once and in order',
    async () => {
      const reader = await openTerminal();
      try {
        const lines = String.raw`for ((k = 0; k < 50; k++)); do printf 'line-%06d\n' $((++i)); done`;
        const untilEnough = `i=0; until [ -e enough ]; do ${lines}; sleep 0.02; done; echo "ended after $i"`;
        reader.link.type(String.raw`stty -echo; printf '\nbegin\n'; ${untilEnough}` + '\r');
        await reader.until(/line-\d+\r\n/);
        const { screens } = reader;
        await reader.cut(CUTS, seededRandom(SEED + 1));
        const { workspaceId } = workspace;
        await client.saveFile({ params: { workspaceId }, body: { path: 'enough', text: '', etag: null } });
        await reader.until(/ended after \d+\r\n/);
        const [, printed, count] = /\r\nbegin\r\n([^]*)ended after (\d+)\r\n/.exec(reader.output) ?? [];
        const expected = numbered('line', Number(count)).map((line) => `${line}\r\n`);
        // Compared here: the difference of so much text would be unreadable.
        expect(printed === expected.join('')).toBe(true);
        expect([reader.screens, reader.gaps, reader.cuts]).toEqual([screens, 0, CUTS]);
      } finally {
        reader.close();
      }
    },
    RUN_MS,
  );

  it(
    'types each key once and in order',
    async () => {
      const reader = await openTerminal();
      const random = seededRandom(SEED + 2);
      let [typed, cutting] = ['', true];
      const typing = async (): Promise<void> => {
        for (let line = 1; cutting; line += 1) {
          const keys = `${String(line).padStart(6, '0')} ${'k'.repeat(Math.floor(random() * 60))}`;
          typed += `${keys}\n`;
          // In pieces, as fingers and pastes give them.
          for (const part of keys.match(/[^]{1,7}/g) ?? []) reader.link.type(part);
          reader.link.type('\r');
          await new Promise((resolve) => setTimeout(resolve, random() * 20));
        }
      };
      try {
        reader.link.type('stty -echo; echo "be""gin"; cat > typed.txt; echo "writ""ten"\r');
        await reader.until(/begin\r\n/);
        await Promise.all([reader.cut(CUTS, seededRandom(SEED + 3)).finally(() => (cutting = false)), typing()]);
        await eventually(() => reader.link.isTyped, LONG_MS);
        reader.link.type('\u0004');
        await reader.until(/written\r\n/);
        const { workspaceId } = workspace;
        const { text } = await client.readFile({ params: { workspaceId }, query: { path: 'typed.txt' } });
        expect(text === typed).toBe(true);
        expect([typed.length > CUTS * 40, reader.cuts]).toEqual([true, CUTS]);
      } finally {
        reader.close();
      }
    },
    RUN_MS,
  );
});
