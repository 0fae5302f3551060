import type { SandboxPlan } from './sandbox-plan.js';
import { spawnInSandbox, type SandboxProcess, type SpawnOptions } from './sandbox-process.js';
import { selfTest } from './self-test.js';

/** Plans whose denial was proved by this process. */
const proved = new WeakSet<SandboxPlan>();

/**
 * Runs the agent of a plan. Before the first run of a plan it proves, in the same sandbox, that what must be denied is.
 * @throws AileronError SANDBOX_UNAVAILABLE naming each failed check
 */
export async function runInSandbox(plan: SandboxPlan, options: SpawnOptions): Promise<SandboxProcess> {
  if (!proved.has(plan)) {
    await selfTest(plan, { signal: options.signal });
    proved.add(plan);
  }
  return spawnInSandbox(plan, plan.argv, options);
}
