import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inheritedEnvironment } from '@aileron/config';
import { z } from 'zod';
import { eventually } from '../drill-clock.ts';
import { KilledProcess } from './killed-process.ts';

const MAIN = fileURLToPath(new URL('../../../apps/workspace-manager/dist/main.js', import.meta.url));
const READY_MS = 180_000;

const ReadyLine = z.object({ ready: z.literal(true), http: z.url() });

/** One workspace-manager as a process, as an orchestrator runs it. */
export class ManagerPart {
  readonly #process: KilledProcess;
  readonly url: string;
  /** Since when it serves; null while it does not. */
  servesSince: number | null = null;

  constructor(input: {
    readonly name: string;
    readonly folder: string;
    readonly port: number;
    readonly config: object;
    readonly mgmtPlane: string;
    readonly tlsDirectory: string;
  }) {
    const { name, folder, port, config, mgmtPlane, tlsDirectory } = input;
    const file = join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify({ ...config, port }), { mode: 0o600 });
    this.url = `http://127.0.0.1:${port}`;
    const environment = inheritedEnvironment({
      AILERON_CONFIG_FILE: file,
      AILERON_PEERS: `mgmt-plane=${mgmtPlane}`,
      AILERON_TLS_DIRECTORY: tlsDirectory,
      AILERON_LOG_LEVEL: 'info',
    });
    this.#process = new KilledProcess(process.execPath, ['--enable-source-maps', MAIN, '--end-with-stdin'], {
      logFile: join(folder, `${name}.log`),
      environment,
    });
  }

  get runs(): boolean {
    return this.#process.runs;
  }

  /** Starts it until it serves: also while what it needs is away, as an orchestrator does. */
  async start(): Promise<void> {
    const until = Date.now() + READY_MS;
    for (;;) {
      this.#process.start();
      const look = () => (this.#process.runs && !this.#process.printed.includes('\n') ? undefined : true);
      await eventually('workspace-manager says something', look, READY_MS);
      const first = this.#process.printed.split('\n')[0] ?? '';
      if (ReadyLine.safeParse(parse(first)).success && this.#process.runs) break;
      await this.#process.kill();
      if (Date.now() > until) throw new Error(`workspace-manager does not start: ${first}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    this.servesSince = Date.now();
  }

  async kill(): Promise<void> {
    this.servesSince = null;
    await this.#process.kill();
  }

  async stop(): Promise<void> {
    this.servesSince = null;
    await this.#process.stop();
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
