import { parseWorkspaceState, type WorkspaceState } from '@aileron/lifecycle';

/** The state of a new workspace takes 2.6 KB with its text. With more workspaces than this, a sweep reads each anew. */
const MOST = 2_000;

/**
 * Reads states from their stored text. What is the same text as last time is the same state, the object too: a list of workspaces, a sweep and
 * a look at one mostly meet what nobody has changed since. The least recently read are forgotten.
 */
export class StoredStates {
  readonly #known = new Map<string, { readonly text: string; readonly state: WorkspaceState }>();

  /** @throws AileronError INTERNAL, a SyntaxError: it cannot be read */
  read(workspaceId: string, text: string): WorkspaceState {
    const before = this.#known.get(workspaceId);
    this.#known.delete(workspaceId);
    const known = before?.text === text ? before : { text, state: parseWorkspaceState(JSON.parse(text)) };
    this.#known.set(workspaceId, known);
    if (this.#known.size > MOST) this.#forgetOldest();
    return known.state;
  }

  #forgetOldest(): void {
    const [oldest] = this.#known.keys();
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}
