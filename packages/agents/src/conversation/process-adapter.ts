import { AileronError } from '@aileron/errors';
import type { AgentPlacement } from '../agent-definition.js';
import type { ProcessLauncher } from '../process/process-launcher.js';
import { DEFAULT_DEADLINES, type AgentAdapter, type AgentConversation, type StartOptions } from './agent-adapter.js';
import type { AgentClock } from './agent-clock.js';
import { ProcessConversation } from './process-conversation.js';
import type { AgentProtocol, Beginning } from './protocol-driver.js';

/** What an adapter is given by whoever runs agents. */
export interface AdapterInput extends AgentPlacement {
  readonly launcher: ProcessLauncher;
  readonly clock: AgentClock;
  /** A new UUID at each call. */
  readonly newId: () => string;
}

/** An adapter for an agent that is a process speaking lines. */
export function createProcessAdapter(protocol: AgentProtocol, input: AdapterInput): AgentAdapter {
  const { name, version, capabilities } = protocol;
  const { newId } = input;
  const begin = (beginning: Beginning, options: StartOptions): AgentConversation =>
    beginConversation(protocol, input, beginning, options);
  return {
    name,
    version,
    capabilities,
    start: (options) => begin({ kind: 'new', conversationId: newId() }, options),
    resume: (options) => {
      refuseUnless(capabilities.resume, { agent: name, what: 'resume' });
      return begin({ kind: 'resume', conversationId: checkedId(options.conversationId) }, options);
    },
    fork: (options) => {
      refuseUnless(capabilities.fork, { agent: name, what: 'fork' });
      return begin({ kind: 'fork', conversationId: newId(), from: checkedId(options.conversationId) }, options);
    },
  };
}

function beginConversation(
  protocol: AgentProtocol,
  { launcher, clock, newId, projectDirectory }: AdapterInput,
  beginning: Beginning,
  { sink, mode = 'ask', deadlines = {} }: StartOptions,
): AgentConversation {
  const { name, capabilities } = protocol;
  refuseUnless(capabilities.modes.includes(mode), { agent: name, what: `mode ${mode}`, modes: capabilities.modes });
  return new ProcessConversation({
    protocol,
    launcher,
    clock,
    runId: newId(),
    workingDirectory: projectDirectory,
    beginning,
    mode,
    deadlines: { ...DEFAULT_DEADLINES, ...deadlines },
    sink,
  });
}

function refuseUnless(able: boolean, details: Record<string, string | readonly string[]>): void {
  if (!able) throw new AileronError('UNIMPLEMENTED', details);
}

/** It becomes an argument of the agent's command line: nothing that could be an option or a path. */
function checkedId(conversationId: string): string {
  if (/^[0-9A-Za-z][0-9A-Za-z_-]{0,127}$/.test(conversationId)) return conversationId;
  const fields = [{ field: 'conversationId', message: 'must be the id of a conversation' }];
  throw new AileronError('INVALID_ARGUMENT', { fields });
}
