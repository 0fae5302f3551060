import { AileronError } from '@aileron/errors';
import type { LaunchProgress } from '@aileron/provisioner';
import type { HeldOperation } from './held-operation.js';
import type { StepLog } from './step-log.js';
import { stepTitle } from './step-title.js';

type StepStatus = 'running' | 'done' | 'skipped' | 'failed';

/** The numbered steps of an attempt, told one after the other. */
export class OperationSteps {
  #number = 0;
  #telling: Promise<void> = Promise.resolve();
  #failure: AileronError | null = null;

  constructor(
    private readonly held: HeldOperation,
    private readonly log: StepLog,
    private readonly names: readonly string[],
  ) {}

  async plan(): Promise<void> {
    await this.held.report({ name: 'plan', steps: this.names.map(stepTitle) });
  }

  /** Runs the next step of the plan. */
  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const number = this.#enter(name);
    this.#tell(number, 'running');
    const result = await work();
    this.#tell(number, 'done');
    await this.settled();
    return result;
  }

  /** For steps that a provisioner tells of itself. */
  get progress(): LaunchProgress {
    return {
      step: ({ name, status, bytes }) => {
        const number = this.#enter(name);
        this.#tell(number, status, bytes);
      },
      line: (text) => this.log.line(text),
    };
  }

  /** Everything that was told is stored. @throws AileronError CONFLICT when the work is another's by now */
  async settled(): Promise<void> {
    await this.#telling;
    if (this.#failure !== null) throw this.#failure;
  }

  #enter(name: string): number {
    const index = this.names.indexOf(name);
    if (index >= 0) this.#number = index + 1;
    this.log.enterStep(Math.max(1, this.#number));
    return index + 1;
  }

  #tell(number: number, status: StepStatus, bytes?: number): void {
    if (number === 0) return;
    const report = { name: 'step', number, status, ...(bytes === undefined ? {} : { bytes }) } as const;
    this.#telling = this.#telling
      .then(async () => {
        if (this.#failure === null) await this.held.report(report);
      })
      .catch((error: unknown) => {
        this.#failure ??= AileronError.from(error);
      });
  }
}
