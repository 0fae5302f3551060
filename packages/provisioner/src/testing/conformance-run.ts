import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { WorkspaceLaunch, WorkspaceProvisioner } from '../provisioner.port.js';
import type { ConformanceCase, ConformanceSubject, OpenSubject } from './conformance-subject.js';
import { RunningWorkspace } from './running-workspace.js';
import { SessionServer } from './session-server.js';

/** A launch of the suite and how to speak to it. */
export interface Launched {
  readonly launch: WorkspaceLaunch;
  readonly workspace: RunningWorkspace;
  readonly steps: readonly string[];
}

/** One case: its subject, and all that it made, which it ends. */
export class ConformanceRun {
  readonly #provisioner: WorkspaceProvisioner;
  readonly #sessions: SessionServer[] = [];
  readonly #open: RunningWorkspace[] = [];
  readonly #workspaceIds = new Set<string>();
  readonly signal = AbortSignal.timeout(220_000);

  private constructor(readonly subject: ConformanceSubject) {
    this.#provisioner = subject.provisioner();
  }

  static toCase(open: OpenSubject, name: string, work: (run: ConformanceRun) => Promise<void>): ConformanceCase {
    const run = async (): Promise<void> => {
      const subject = await open();
      const made = new ConformanceRun(subject);
      try {
        await work(made);
      } finally {
        await made.#end();
      }
    };
    return { name, run };
  }

  get provisioner(): WorkspaceProvisioner {
    return this.#provisioner;
  }

  /** A workspace of its own with an empty volume. */
  async volume(): Promise<string> {
    const workspaceId = this.newId();
    await this.#provisioner.ensureVolume(workspaceId, this.signal);
    return workspaceId;
  }

  newId(): string {
    const workspaceId = `wsp_${randomBytes(8).toString('hex')}`;
    this.#workspaceIds.add(workspaceId);
    return workspaceId;
  }

  async session(): Promise<SessionServer> {
    const session = await SessionServer.open();
    this.#sessions.push(session);
    return session;
  }

  request(workspaceId: string, launch: number, session: SessionServer): WorkspaceLaunch {
    return { workspaceId, launch, name: 'Conformance', session: session.launchSession, agents: [], image: null };
  }

  async launch(workspaceId: string, launch = 1, session?: SessionServer): Promise<Launched> {
    return this.launchAs(this.request(workspaceId, launch, session ?? (await this.session())));
  }

  async launchAs(launch: WorkspaceLaunch, by: WorkspaceProvisioner = this.#provisioner): Promise<Launched> {
    const steps: string[] = [];
    const progress = {
      step: ({ name, status }: { name: string; status: string }) => void steps.push(`${name} ${status}`),
      line: () => undefined,
    };
    const workspace = this.connect(await by.launch(launch, progress, this.signal));
    return { launch, workspace, steps };
  }

  connect(endpoints: { readonly runtime: string; readonly terminal: string }): RunningWorkspace {
    const workspace = new RunningWorkspace(endpoints);
    this.#open.push(workspace);
    return workspace;
  }

  async #end(): Promise<void> {
    for (const workspace of this.#open) workspace.close();
    const within = AbortSignal.timeout(60_000);
    for (const id of this.#workspaceIds)
      await this.#provisioner.remove(id, { force: true }, within).catch(() => undefined);
    for (const session of this.#sessions) await session.close();
    await this.subject.dispose();
  }
}

/** Processes of this machine in whose command line a text is, those in containers and namespaces too. */
export async function processesWith(text: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = pids.map(async (pid) => {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return pid !== process.pid && line.includes(text) ? [pid] : [];
  });
  return (await Promise.all(found)).flat();
}

/** For `sleep`: a process that only one test has. */
export const uniqueSeconds = (): string => `7${String(Date.now()).slice(-6)}.${Math.floor(Math.random() * 1e6)}`;
