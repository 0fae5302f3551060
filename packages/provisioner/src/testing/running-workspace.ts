import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { RuntimeService, TerminalService } from '@aileron/contracts/grpc';
import { AileronError } from '@aileron/errors';
import { createClient, GrpcTransport, type Client } from '@aileron/service-host';
import type { WorkspaceEndpoints } from '../provisioner.port.js';

const LOOK_EVERY_MS = 100;
const WAIT_MS = 60_000;

/** Looks again and again until there is an answer; rejects with the name of what did not come. */
export async function until<T>(name: string, look: () => Promise<T | null> | T | null, withinMs = WAIT_MS): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > end) throw new Error(`it did not come within ${withinMs} ms: ${name}`);
    await pause(LOOK_EVERY_MS);
  }
}

/** The two parts of a launch, spoken to as the manager does. */
export class RunningWorkspace {
  readonly runtime: Client<typeof RuntimeService>;
  readonly terminal: Client<typeof TerminalService>;
  readonly #transports: GrpcTransport[];

  constructor(endpoints: WorkspaceEndpoints) {
    const transports = [endpoints.runtime, endpoints.terminal].map((address) => new GrpcTransport({ address }));
    const [runtime, terminal] = transports as [GrpcTransport, GrpcTransport];
    const defaults = { version: '0.1.0', deadlineMs: 30_000 };
    this.runtime = createClient(RuntimeService, runtime, defaults);
    this.terminal = createClient(TerminalService, terminal, defaults);
    this.#transports = transports;
  }

  async bootIds(): Promise<{ readonly runtime: string; readonly terminal: string }> {
    const [{ bootId: runtime }, terminal] = await Promise.all([this.runtime.describe({}), this.#terminalBootId()]);
    return { runtime, terminal };
  }

  async #terminalBootId(): Promise<string> {
    const enough = new AbortController();
    for await (const { bootId } of this.terminal.watchStatus({}, { signal: enough.signal })) {
      enough.abort();
      return bootId;
    }
    throw new Error('the terminal service told no status');
  }

  /** Whether a part answers within a second. */
  async answers(part: 'runtime' | 'terminal'): Promise<boolean> {
    try {
      await (part === 'runtime'
        ? this.runtime.describe({}, { deadlineMs: 1_000 })
        : this.terminal.listTerminals({}, { deadlineMs: 1_000 }));
      return true;
    } catch {
      return false;
    }
  }

  async openTerminal(title = 'conformance'): Promise<string> {
    const terminalId = `trm_${randomBytes(8).toString('hex')}`;
    await this.terminal.openTerminal({ terminalId, title, columns: 120, rows: 40 });
    return terminalId;
  }

  type(terminalId: string, text: string): Promise<unknown> {
    return this.terminal.writeTerminal({ terminalId, data: Buffer.from(text) });
  }

  write(path: string, text: string): Promise<unknown> {
    return this.runtime.writeFile({ path, content: Buffer.from(text), etag: '' });
  }

  /** Null while there is none. */
  async read(path: string): Promise<string | null> {
    try {
      return Buffer.from((await this.runtime.readFile({ path })).content).toString('utf8');
    } catch (error) {
      if (AileronError.is(error) && error.code === 'NOT_FOUND') return null;
      throw error;
    }
  }

  /** Runs a script of sh as a shell of the workspace would, to its end. */
  async inside(script: string): Promise<{ readonly code: number; readonly output: string }> {
    const name = `.case-${randomBytes(6).toString('hex')}`;
    await this.write(`${name}.sh`, script);
    const terminalId = await this.openTerminal();
    await this.type(
      terminalId,
      `sh ./${name}.sh >${name}.out 2>&1; echo $? >${name}.new; mv ${name}.new ${name}.code\r`,
    );
    const code = await until(`the end of ${script.slice(0, 80)}`, () => this.read(`${name}.code`));
    const output = (await this.read(`${name}.out`)) ?? '';
    await this.terminal.closeTerminal({ terminalId });
    return { code: Number(code), output };
  }

  close(): void {
    for (const transport of this.#transports) transport.close();
  }
}
