import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { findAgent, type AgentDefinition, type InstalledAgent } from '@aileron/agents';
import { startFakeAnthropic, type FakeAnthropic, type ModelScript } from '@aileron/testing';
import { describeSandboxed, planFor, run, startTestProxy, type SandboxRun, type TestProxy } from './sandbox.fixture.js';
import { INSIDE } from './sandbox-plan.js';

const PLACEHOLDER = 'sk-ant-api03-placeholder-0000000000000000000000000000000000000000';
const HINT = 'Aileron: run `linear --help` for issues.';
const INSTALL_MS = 180_000;

/** A model that repeats what the command printed, which it cannot know otherwise. */
const script: ModelScript = (request) => {
  const asked = JSON.stringify(request.messages);
  const shell = request.tools.find(({ name }) => name === 'Bash')?.name;
  if (shell === undefined) return { type: 'text', text: 'a title' };
  const printed = /number-(\d+)/.exec(asked)?.[1];
  if (printed !== undefined) return { type: 'text', text: `It printed ${printed}.` };
  return {
    type: 'tool',
    text: 'I look.',
    name: shell,
    input: { command: 'echo "number-$(od -An -N2 -tu2 /dev/urandom | tr -d " ")"; echo $HOME', description: 'Look' },
  };
};

describeSandboxed('an agent in a sandbox', () => {
  let upstream: FakeAnthropic;
  let agents = '';
  const sessions: TestProxy[] = [];

  beforeAll(async () => {
    upstream = await startFakeAnthropic({ apiKey: PLACEHOLDER, script });
    agents = await mkdtemp(join(tmpdir(), 'aileron-agents-'));
  });
  afterAll(async () => {
    for (const session of sessions) await session.close();
    await upstream.close();
    await rm(agents, { recursive: true, force: true });
  });

  const install = (agent: AgentDefinition): Promise<InstalledAgent> =>
    agent.install({ directory: agents, signal: AbortSignal.timeout(INSTALL_MS) });

  async function start(agent: AgentDefinition, argv?: readonly string[]): Promise<SandboxRun & { session: TestProxy }> {
    const session = await startTestProxy({ upstreams: { 'api.anthropic.com': upstream.port }, caPem: upstream.caPem });
    sessions.push(session);
    const installed = await install(agent);
    const command = agent.command({
      installed,
      installDirectory: INSIDE.agent,
      nodePath: INSIDE.node,
      projectDirectory: INSIDE.project,
      prompt: '- print the number',
      interactive: false,
      promptHint: HINT,
      anthropicPlaceholder: PLACEHOLDER,
    });
    const plan = await planFor(session, {
      argv: command.argv,
      agent: { ...command, installDirectory: installed.directory },
    });
    return { ...(await run(plan, argv, 60_000)), session };
  }

  it('fake: works through the proxy with the placeholder, and acts on what the model says', async () => {
    const { code, stdout, session } = await start(findAgent('fake'));
    const printed = /^number-(\d+)$/m.exec(stdout)?.[1];
    expect([code, printed]).toEqual([0, expect.any(String)]);
    expect(stdout).toContain(`assistant: It printed ${printed}.`);
    expect(stdout).toContain(INSIDE.home);
    expect(session.tunnels.every((target) => target === 'api.anthropic.com:443')).toBe(true);
    expect(upstream.requests.at(-1)?.body.toString()).toContain(HINT.slice(0, 8));
  });

  it('fake: says what went wrong and exits 1 when the model does not answer', async () => {
    const session = await startTestProxy();
    sessions.push(session);
    const agent = findAgent('fake');
    const installed = await install(agent);
    const command = agent.command({
      installed,
      installDirectory: INSIDE.agent,
      nodePath: INSIDE.node,
      projectDirectory: INSIDE.project,
      prompt: 'x',
      interactive: false,
      promptHint: '',
      anthropicPlaceholder: PLACEHOLDER,
    });
    const plan = await planFor(session, {
      argv: command.argv,
      agent: { ...command, installDirectory: installed.directory },
    });
    expect(await run(plan)).toMatchObject({ code: 1, stderr: expect.stringContaining('fake agent:') });
  });

  it(
    'Claude Code: installs, is complete, and tells its version',
    async () => {
      const agent = findAgent('claude');
      const lines: string[] = [];
      const input = {
        directory: agents,
        signal: AbortSignal.timeout(INSTALL_MS),
        onProgress: (line: string) => lines.push(line),
      };
      // Two at once: both get the same whole installation, and nothing is left over.
      const [first, second] = await Promise.all([agent.install(input), agent.install(input)]);
      expect(first).toEqual(second);
      expect(await readdir(agents)).toEqual([`claude-code-${agent.version}`]);
      expect(lines.length).toBeGreaterThan(0);
      lines.length = 0;
      await agent.install(input);
      expect(lines).toEqual([]);
      const { code, stdout } = await start(agent, [join(INSIDE.agent, first.command), '--version']);
      expect([code, stdout]).toEqual([0, expect.stringContaining(agent.version)]);
    },
    INSTALL_MS + 60_000,
  );

  it(
    'Claude Code: does the whole task without a question',
    async () => {
      const before = upstream.requests.length;
      const { code, stdout, stderr, session } = await start(findAgent('claude-code'));
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
      const events = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { type: string; subtype?: string; result?: string });
      const printed = /number-(\d+)/.exec(stdout)?.[1];
      expect(events.at(-1)).toMatchObject({ type: 'result', subtype: 'success', result: `It printed ${printed}.` });
      expect(
        upstream.requests
          .slice(before)
          .map((each) => each.body.toString())
          .join(''),
      ).toContain(HINT.slice(0, 8));
      expect(new Set(session.tunnels)).toEqual(new Set(['api.anthropic.com:443']));
    },
    INSTALL_MS + 60_000,
  );
});
