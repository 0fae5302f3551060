import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import type { ConformancePrompts, ConformanceSubject } from '../testing/conformance-subject.js';
import { agentConformance } from '../testing/conformance.js';
import { hostLauncher } from '../testing/host-launcher.js';
import { ManualClock } from '../testing/manual-clock.js';
import { ProcessControl } from '../testing/process-control.js';
import { createFakeAdapter } from './fake.adapter.js';
import { fakeAgent } from './fake.agent.js';

const prompts: ConformancePrompts = {
  say: (text) => `/say ${text}`,
  run: (command) => `/run ${command}`,
  write: (path, text) => `/write ${path} ${text.replaceAll('\n', String.raw`\n`)}`,
  ask: (question, options) => `/ask ${[question, ...options].join('|')}`,
  plan: (entries) => `/plan ${entries.join(';')}`,
  output: (bytes) => `/output ${bytes}`,
  recall: () => '/recall',
};

async function fakeSubject(): Promise<ConformanceSubject> {
  const home = await mkdtemp(join(tmpdir(), 'aileron-fake-'));
  const projectDirectory = join(home, 'project');
  await mkdir(projectDirectory);
  const environment = { PATH: process.env['PATH'] ?? '/usr/bin:/bin' };
  const processes = new ProcessControl(hostLauncher({ home, environment }));
  const clock = new ManualClock();
  const installed = await fakeAgent.install({ directory: home, signal: AbortSignal.timeout(5_000) });
  const adapter = createFakeAdapter({
    installed,
    installDirectory: installed.directory,
    nodePath: process.execPath,
    projectDirectory,
    promptHint: '',
    anthropicPlaceholder: '',
    launcher: processes,
    clock,
    newId: randomUUID,
  });
  const dispose = async (): Promise<void> => {
    await processes.close();
    await rm(home, { recursive: true, force: true });
  };
  return { adapter, clock, processes, prompts, projectDirectory, dispose };
}

describe('the fake agent as one that is talked to', () => {
  it.each(agentConformance.map((each) => [each.name, each] as const))('%s', async (_name, { run }) => {
    const subject = await fakeSubject();
    try {
      await run(subject);
    } finally {
      await subject.dispose();
    }
  });
});
