import { describe, expect, it } from '@jest/globals';
import { AGENTS, findAgent } from './agent-catalogue.js';
import type { AgentDefinition, CommandInput } from './agent-definition.js';

const PLACEHOLDER = 'sk-ant-api03-PLACEHOLDER-0123456789abcdefghij';

function inputFor(agent: AgentDefinition, changes: Partial<CommandInput> = {}): CommandInput {
  return {
    installed: { name: agent.name, version: agent.version, directory: '/host/agents/x', command: 'bin/program' },
    installDirectory: '/opt/agent',
    nodePath: '/opt/aileron/bin/node',
    projectDirectory: '/workspace',
    prompt: '--version',
    interactive: false,
    promptHint: 'a hint',
    anthropicPlaceholder: PLACEHOLDER,
    ...changes,
  };
}

describe('agents', () => {
  it('are found by name and alias, and an unknown one names those there are', () => {
    expect(findAgent('claude').name).toBe('claude-code');
    expect(findAgent('fake').name).toBe('fake');
    for (const name of ['nope', '', 'constructor', '__proto__']) {
      expect(() => findAgent(name)).toThrow(
        expect.objectContaining({
          code: 'AGENT_UNAVAILABLE',
          details: expect.objectContaining({ known: ['claude-code', 'fake'] }),
        }),
      );
    }
  });

  it.each(AGENTS.map((agent) => [agent.name, agent] as const))(
    '%s starts from the mounted folder, never from the host’s',
    (_name, agent) => {
      const { argv, files } = agent.command(inputFor(agent));
      expect(argv.join(' ')).toContain('/opt/agent/bin/program');
      expect(JSON.stringify({ argv, files })).not.toContain('/host/');
      expect(agent.connectors).toContain('anthropic');
    },
  );
});

describe('claude-code', () => {
  const agent = findAgent('claude-code');

  it('takes a prompt that looks like an option as a prompt', () => {
    expect(agent.command(inputFor(agent)).argv.slice(-2)).toEqual(['--', '--version']);
  });

  it('asks nothing: the placeholder is approved, onboarding is over, the folder trusted', () => {
    const { files, env } = agent.command(inputFor(agent));
    const settings = JSON.parse(files[0]?.content ?? '') as Record<string, unknown>;
    expect(files[0]?.path).toBe('.claude.json');
    expect(settings).toMatchObject({
      hasCompletedOnboarding: true,
      customApiKeyResponses: { approved: [PLACEHOLDER.slice(-20)], rejected: [] },
      projects: { '/workspace': { hasTrustDialogAccepted: true } },
    });
    expect(env).toMatchObject({
      ANTHROPIC_API_KEY: PLACEHOLDER,
      IS_SANDBOX: '1',
      DISABLE_AUTOUPDATER: '1',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    });
  });

  it('streams its protocol in one shot, and keeps its own screen when a person sits before it', () => {
    expect(agent.command(inputFor(agent)).argv).toEqual(
      expect.arrayContaining(['-p', 'stream-json', '--append-system-prompt', 'a hint']),
    );
    const interactive = agent.command(inputFor(agent, { interactive: true, prompt: null })).argv;
    expect(interactive).not.toContain('-p');
    expect(interactive).not.toContain('--');
  });
});

it('the fake agent needs a prompt', () => {
  const agent = findAgent('fake');
  expect(() => agent.command(inputFor(agent, { prompt: null }))).toThrow(
    expect.objectContaining({ code: 'AGENT_UNAVAILABLE' }),
  );
});
