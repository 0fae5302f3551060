import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { claudeCode, type InstalledAgent } from '@aileron/agents';
import { openPrompts } from '@aileron/contracts/agent-events';
import { type FakeAnthropic, type ModelScript, startFakeAnthropic } from '@aileron/testing';
import { Follower, newSessionId, startRuntime } from './agents.fixture.js';

jest.setTimeout(240_000);

const PLACEHOLDER = 'sk-ant-api03-placeholder-0000000000000000000000000000000000000000';

/** Touches a file for the first message, and counts what it was told for a later one. */
const script: ModelScript = ({ messages, tools }) => {
  if (tools.length === 0) return { type: 'text', text: 'A title' };
  const said = JSON.stringify(messages);
  if (said.includes('SECOND')) return { type: 'text', text: `FIRST was ${said.includes('FIRST') ? '' : 'not '}known` };
  if (said.includes('tool_result')) return { type: 'text', text: 'It is done' };
  return { type: 'tool', name: 'Bash', input: { command: 'touch by-claude.txt', description: 'Do it' } };
};

let installed: InstalledAgent;
let model: FakeAnthropic;
beforeAll(async () => {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const directory = process.env['AILERON_AGENTS_DIRECTORY'] ?? join(cache, 'aileron', 'agents');
  installed = await claudeCode.install({ directory, signal: AbortSignal.timeout(180_000) });
  model = await startFakeAnthropic({ apiKey: PLACEHOLDER, script });
}, 200_000);
afterAll(() => model.close());

it('Claude Code asks, works, and is resumed after the runtime was started again', async () => {
  let runtime = await startRuntime({
    agents: [{ kind: 'claude-code', installDirectory: installed.directory, command: installed.command }],
    anthropicPlaceholder: PLACEHOLDER,
    promptHint: 'A hint of the test.',
  });
  try {
    const settings = await claudeSettings(runtime.home, runtime.project);
    runtime = await runtime.restart(settings);
    const agentSessionId = newSessionId();
    await runtime.client.startAgent({ agentSessionId, agent: 'claude-code', mode: 'ask' });
    const follower = await new Follower(runtime.client, agentSessionId).idle();
    await runtime.client.sendMessage({ agentSessionId, messageId: randomUUID(), text: 'FIRST' });
    await follower.until(({ view }) => openPrompts(view).length === 1);
    expect(existsSync(join(runtime.project, 'by-claude.txt'))).toBe(false);
    const promptId = openPrompts(follower.view)[0]?.promptId ?? '';
    await runtime.client.answerPrompt({ agentSessionId, promptId, allow: true });
    await follower.until((each) => each.said().includes('It is done') && each.view.state === 'idle');
    expect(existsSync(join(runtime.project, 'by-claude.txt'))).toBe(true);

    runtime = await runtime.restart();
    const resumeId = follower.view.conversationId ?? '';
    await runtime.client.startAgent({ agentSessionId, agent: 'claude-code', resumeId });
    const again = await new Follower(runtime.client, agentSessionId).idle();
    await runtime.client.sendMessage({ agentSessionId, messageId: randomUUID(), text: 'SECOND' });
    await again.until((each) => each.said().includes('FIRST was known'));
  } finally {
    await runtime.close();
  }
});

async function claudeSettings(home: string, project: string) {
  await writeFile(join(home, 'ca.pem'), model.caPem);
  return {
    projectInside: project,
    agentEnvironment: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: home,
      ANTHROPIC_BASE_URL: model.url,
      NODE_EXTRA_CA_CERTS: join(home, 'ca.pem'),
      CLAUDE_CODE_MAX_RETRIES: '1',
    },
  };
}
