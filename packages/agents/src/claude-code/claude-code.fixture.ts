import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFakeAnthropic, type FakeAnthropic } from '@aileron/testing';
import type { InstalledAgent } from '../agent-definition.js';
import type { ConformanceSubject } from '../testing/conformance-subject.js';
import { hostLauncher } from '../testing/host-launcher.js';
import { ManualClock } from '../testing/manual-clock.js';
import { ProcessControl } from '../testing/process-control.js';
import { createClaudeCodeAdapter } from './claude-code.adapter.js';
import { installClaudeCode } from './claude-code.install.js';
import { claudePrompts, scriptedModel } from './scripted-model.fixture.js';

const INSTALL_MS = 180_000;
export const PLACEHOLDER = 'sk-ant-api03-placeholder-0000000000000000000000000000000000000000';

/** The real Claude Code, installed once for this machine as `aileron launch` does. */
export function installedClaude(): Promise<InstalledAgent> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const directory = process.env['AILERON_AGENTS_DIRECTORY'] ?? join(cache, 'aileron', 'agents');
  return installClaudeCode({ directory, signal: AbortSignal.timeout(INSTALL_MS) });
}

export const startModel = (): Promise<FakeAnthropic> =>
  startFakeAnthropic({ apiKey: PLACEHOLDER, script: scriptedModel });

/** The real program in an empty home, with a model that is ours and nothing else within reach. */
export async function claudeSubject(
  installed: InstalledAgent,
  model: FakeAnthropic,
  more: Readonly<Record<string, string>> = {},
): Promise<ConformanceSubject> {
  const home = await mkdtemp(join(tmpdir(), 'aileron-claude-'));
  const projectDirectory = join(home, 'project');
  await mkdir(projectDirectory);
  await writeFile(join(home, 'ca.pem'), model.caPem);
  const environment = {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    ANTHROPIC_BASE_URL: model.url,
    NODE_EXTRA_CA_CERTS: join(home, 'ca.pem'),
    CLAUDE_CODE_MAX_RETRIES: '1',
    ...more,
  };
  const processes = new ProcessControl(hostLauncher({ home, environment }));
  const clock = new ManualClock();
  const adapter = createClaudeCodeAdapter({
    installed,
    installDirectory: installed.directory,
    nodePath: process.execPath,
    projectDirectory,
    promptHint: 'A hint of the test.',
    anthropicPlaceholder: PLACEHOLDER,
    launcher: processes,
    clock,
    newId: randomUUID,
  });
  const dispose = async (): Promise<void> => {
    await processes.close();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  };
  return { adapter, clock, processes, prompts: claudePrompts(projectDirectory), projectDirectory, dispose };
}
