import type { WorkspaceStep, WorkspaceView } from '@aileron/contracts/workspace';
import { visible } from '../output/output.js';

/** The steps of a workspace as lines, each told once for each thing that becomes of it. */
export class StepLines {
  readonly #told = new Map<number, string>();
  #generation = -1;

  next({ steps, generation }: Pick<WorkspaceView, 'steps' | 'generation'>): string[] {
    if (generation !== this.#generation) this.#told.clear();
    this.#generation = generation;
    return steps.flatMap((step) => {
      const line = lineOf(step, steps.length);
      if (step.status === 'waiting' || this.#told.get(step.number) === line) return [];
      this.#told.set(step.number, line);
      return [line];
    });
  }
}

function lineOf({ number, title, status, startedAt, endedAt, error }: WorkspaceStep, total: number): string {
  const place = `${String(number).padStart(String(total).length)}/${total}`;
  const took = startedAt !== null && endedAt !== null ? Date.parse(endedAt) - Date.parse(startedAt) : null;
  const end = took === null ? status : `${status}, ${(took / 1_000).toFixed(1)} s`;
  return `${place}  ${visible(title)}: ${status === 'running' ? '…' : end}${error === null ? '' : `: ${visible(error)}`}`;
}
