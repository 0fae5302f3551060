import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { RunningAgent } from '../launch/launch.js';
import { visible, type Output } from '../output/output.js';
import { environmentsOf } from './process-environment.js';

const LONGEST_OUTPUT = 16 << 20;
const LONGEST_LINE = 160;

/** What the demo saw of the agent while it ran: its output, its environment and its files, for the canary scan. */
export class AgentObserver {
  private output = Buffer.alloc(0);
  private environment = Buffer.alloc(0);
  private files: Buffer[] = [];
  private agent: RunningAgent | undefined;

  constructor(
    private readonly people: Output,
    private readonly plantedOutput?: string,
  ) {}

  watch(agent: RunningAgent): void {
    this.agent = agent;
    for (const stream of [agent.process.stdout, agent.process.stderr]) if (stream) this.collect(stream);
    if (this.plantedOutput !== undefined) this.output = Buffer.concat([this.output, Buffer.from(this.plantedOutput)]);
    void agent.process.exited.then(
      () => this.lookInside(),
      () => undefined,
    );
    this.lookInside();
  }

  /** Copies the environment of every process in the sandbox, and every file it shows the agent, as they are now. */
  lookInside(): void {
    if (!this.agent) return;
    const plan = Object.entries(this.agent.environment)
      .map(([name, value]) => `${name}=${value}\0`)
      .join('');
    this.environment = Buffer.concat([this.environment, Buffer.from(plan), environmentsOf(this.agent.process.pid)]);
    this.files = [...this.files, ...readFiles(this.agent.stateDirectory)];
  }

  get seen(): { stdout: Uint8Array; environment: Uint8Array; files: Uint8Array } {
    return { stdout: this.output, environment: this.environment, files: Buffer.concat(this.files) };
  }

  plantEnvironment(secret: string): void {
    this.environment = Buffer.concat([this.environment, Buffer.from(secret)]);
  }

  plantFile(secret: string): void {
    this.files = [...this.files, Buffer.from(secret)];
  }

  private collect(stream: Readable): void {
    let line = '';
    stream.on('data', (chunk: Buffer) => {
      if (this.output.length < LONGEST_OUTPUT) this.output = Buffer.concat([this.output, chunk]);
      const lines = `${line}${chunk.toString('utf8')}`.split('\n');
      line = lines.pop() ?? '';
      for (const whole of lines) this.people.note(`   │ ${visible(whole).slice(0, LONGEST_LINE)}`);
    });
  }
}

const LARGEST_FILE = 4 << 20;

/** Content of the regular files below a folder; what disappears meanwhile is passed over. */
function readFiles(directory: string): Buffer[] {
  const found: Buffer[] = [];
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    try {
      if (statSync(path).size <= LARGEST_FILE) found.push(Buffer.from(`${path}\n`), readFileSync(path));
    } catch {
      // gone
    }
  }
  return found;
}
