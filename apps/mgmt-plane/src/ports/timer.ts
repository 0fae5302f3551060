/** Runs `work` once after a time; the returned function takes that back. */
export interface Timer {
  after(milliseconds: number, work: () => void): () => void;
}
export const TIMER = Symbol('Timer');
