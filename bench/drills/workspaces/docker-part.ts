import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { inheritedEnvironment } from '@aileron/config';
import { TestEngine, workspaceImage } from '@aileron/testing/docker';

const COMMAND_MS = 60_000;
const STARTS = 4;
const run = promisify(execFile);

/** A Docker engine of the drill's own, with the image of workspaces. */
export class DockerPart {
  readonly #engine: TestEngine;
  readonly image: string;

  private constructor(engine: TestEngine, image: string) {
    this.#engine = engine;
    this.image = image;
  }

  static async open(): Promise<DockerPart> {
    const engine = await TestEngine.start();
    try {
      return new DockerPart(engine, await workspaceImage(engine));
    } catch (error) {
      await engine.destroy();
      throw error;
    }
  }

  get host(): string {
    return this.#engine.host;
  }

  /** Again after it was killed. Its own parts give one another little time, which a busy machine may not keep. */
  async start(): Promise<void> {
    for (let left = STARTS; ; left -= 1) {
      try {
        return await this.#engine.start();
      } catch (error) {
        if (left === 1) throw error;
      }
    }
  }

  /** kill -9; what it had started stays for its successor to find. */
  kill(): Promise<void> {
    return this.#engine.kill();
  }

  async command(...args: readonly string[]): Promise<string> {
    const env = inheritedEnvironment({ DOCKER_HOST: this.host });
    const { stdout } = await run('docker', args, { timeout: COMMAND_MS, env, maxBuffer: 64 << 20 });
    return stdout;
  }

  /** Ends it with all of its containers. */
  destroy(): Promise<void> {
    return this.#engine.destroy();
  }
}
