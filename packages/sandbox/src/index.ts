export { checkBubblewrap, type Bubblewrap } from './bubblewrap-check.js';
export { connectorContents } from './connector-contents.js';
export { prepareSandbox } from './prepare-sandbox.js';
export { runInSandbox } from './run-in-sandbox.js';
export {
  INSIDE,
  type ConnectorContents,
  type SandboxAgent,
  type SandboxInput,
  type SandboxLimits,
  type SandboxPlan,
} from './sandbox-plan.js';
export type { SandboxExit, SandboxProcess, SpawnOptions } from './sandbox-process.js';
export type { LimitName } from './limits/cgroup.js';
export { selfTest } from './self-test.js';
export type { SelfTestCheck, SelfTestReport } from './self-test-report.js';
