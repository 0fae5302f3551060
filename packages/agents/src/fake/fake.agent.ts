import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AileronError } from '@aileron/errors';
import type { AgentCommand, AgentDefinition, CommandInput, InstalledAgent } from '../agent-definition.js';

const VERSION = '0.1.0';
const PROGRAM = 'fake-agent.program.mjs';
const CONFIG_FILE = '.fake-agent.json';
/** The compiled program, seen from src/fake (tests) and from dist/fake alike. */
const PROGRAM_DIRECTORY = fileURLToPath(new URL('../../dist/fake/', import.meta.url));

/** Our own agent: it talks to the Messages API as any agent does, with one tool, and does what the model says. */
export const fakeAgent: AgentDefinition = {
  name: 'fake',
  version: VERSION,
  connectors: ['anthropic'],
  install: locateFakeAgent,
  command: fakeCommand,
};

/** It ships with Aileron: there is nothing to fetch, only to be there. */
async function locateFakeAgent(): Promise<InstalledAgent> {
  try {
    await access(join(PROGRAM_DIRECTORY, PROGRAM), constants.R_OK);
  } catch (cause) {
    const reason = 'The program of the fake agent is missing; build the packages.';
    throw new AileronError('AGENT_UNAVAILABLE', { agent: 'fake', reason }, { cause });
  }
  return { name: 'fake', version: VERSION, directory: PROGRAM_DIRECTORY, command: PROGRAM };
}

function fakeCommand(input: CommandInput): AgentCommand {
  if (input.prompt === null)
    throw new AileronError('AGENT_UNAVAILABLE', { agent: 'fake', reason: 'It needs a prompt.' });
  const program = join(input.installDirectory, input.installed.command);
  const config = { apiKey: input.anthropicPlaceholder, systemPrompt: input.promptHint };
  return {
    argv: [input.nodePath, program, input.prompt],
    env: {},
    files: [{ path: CONFIG_FILE, content: JSON.stringify(config) }],
  };
}
