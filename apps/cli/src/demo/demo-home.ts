import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeHomeDatabase } from '@aileron/database';
import { Home } from '../home/home.js';

/** A home of the demo's own, apart from the person's, and the folder the agent works in beside it. */
export class DemoHome {
  private constructor(
    private readonly root: string,
    readonly home: Home,
  ) {}

  static async create(): Promise<DemoHome> {
    const root = await mkdtemp(join(tmpdir(), 'aileron-demo-'));
    return new DemoHome(root, new Home(join(root, 'home')));
  }

  get projectDirectory(): string {
    return join(this.root, 'project');
  }

  async remove(): Promise<void> {
    await removeHomeDatabase(this.home.root);
    await rm(this.root, { recursive: true, force: true });
  }
}
