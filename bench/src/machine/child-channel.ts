import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { inheritedEnvironment } from '@aileron/config';

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** A process of the bench's own that answers orders one after another, each with a deadline. */
export class ChildChannel<Order, Value> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #orders = 0;

  /** `module`: path of the program, relative to dist/. */
  constructor(module: string, args: readonly string[] = []) {
    const path = fileURLToPath(new URL(`../${module}`, import.meta.url));
    this.#child = fork(path, args, {
      env: inheritedEnvironment({}),
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on('message', (answer: Answer) => this.#waiting.get(answer.id)?.(answer));
    this.#child.on('exit', (code) => {
      for (const [id, settle] of this.#waiting) settle({ id, error: `${module} ended (${code})` });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async ask(order: Order, withinMs = 120_000): Promise<Value> {
    const id = (this.#orders += 1);
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.set(id, resolve);
    const timer = setTimeout(() => resolve({ id, error: `no answer within ${withinMs} ms` }), withinMs);
    this.#child.send({ id, order });
    const answer = await promise;
    clearTimeout(timer);
    this.#waiting.delete(id);
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.value as Value;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }
}

/** The other side: answers each order, and ends when the bench does. */
export function serveChannel<Order, Value>(serve: (order: Order) => Promise<Value>): void {
  process.on('message', ({ id, order }: { id: number; order: Order }) => {
    serve(order).then(
      (value) => process.send?.({ id, value }),
      (error: unknown) =>
        process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    );
  });
  process.once('disconnect', () => process.exit());
}
