export { checkBubblewrap, type Bubblewrap } from './bubblewrap-check.js';
export { connectorContents } from './connector-contents.js';
export { writePlatformFolder } from './platform-folder.js';
export { ENTER_PROGRAM } from './enter-program.js';
export { prepareSandbox, withAgentToken } from './prepare-sandbox.js';
export { runInSandbox } from './run-in-sandbox.js';
export {
  INSIDE,
  type ConnectorContents,
  type SandboxAgent,
  type SandboxInput,
  type SandboxLimits,
  type SandboxPlan,
  type SharedLimits,
} from './sandbox-plan.js';
export type { SandboxExit, SandboxProcess, SpawnOptions } from './sandbox-process.js';
export { createCgroup, endCgroups, findCgroups, type CgroupLease, type LimitName } from './limits/cgroup.js';
export { sandboxEnvironment } from './sandbox-environment.js';
export { seccompFilter } from './seccomp/seccomp-filter.js';
export { trustBundle } from './trust-bundle.js';
export { selfTest } from './self-test.js';
export type { SelfTestCheck, SelfTestReport } from './self-test-report.js';
