// A manager as a process of its own, to be killed: `node manager-process.fixture.ts <JSON>`. It prints its URL.
import { randomBytes } from 'node:crypto';
import { runServices, serviceToRun } from '@aileron/service-host';
import { createLogger, createMetrics } from '@aileron/telemetry';
import { Secret } from '@aileron/vault';
import { workspaceManager } from '@aileron/workspace-manager/service';
import { ChildProvisioner } from './child-provisioner.fixture.ts';
import { fakeMgmtPlane, FakeSessions } from './fake-sessions.fixture.ts';

export interface ManagerProcessInput {
  /** As ManagerPlace has them. */
  readonly settings: object;
  /** Of the provisioner. */
  readonly root: string;
  /** A launch that it begins never ends. */
  readonly hold: boolean;
}

const { settings, root, hold } = JSON.parse(process.argv[2] ?? '{}') as ManagerProcessInput;
const provisioner = await ChildProvisioner.make(root);
if (hold) provisioner.gate = new Promise(() => undefined);
const sessions = new FakeSessions();
sessions.forgetful = true;
const localToken = Secret.fromString(randomBytes(32).toString('base64url'));
const config = { ...settings, localToken, provisioners: [provisioner], sweepEveryMs: 500 };
const running = await runServices(
  [serviceToRun(fakeMgmtPlane(sessions), {}), serviceToRun(workspaceManager, config as never)],
  {
    platform: (service) => ({
      logger: createLogger({ service, level: 'silent' }),
      metrics: createMetrics(service),
      clock: { now: () => Date.now() },
    }),
  },
);
process.stdout.write(`${running.service('workspace-manager').url}\n`);
