// Part of a program that is put into a workspace and run there by plain Node: it imports nothing but Node and its like.

/** What the program is told of the world outside, so that it does not have to guess. */
export interface Targets {
  /** Services of the host on its loopback. */
  readonly ports: readonly number[];
  /** Of the host's interfaces. */
  readonly addresses: readonly string[];
  /** Unix sockets of the host; abstract ones begin with `@`. */
  readonly sockets: readonly string[];
  /** Files and folders of the host and of other workspaces. */
  readonly paths: readonly string[];
  /** Agent tokens of other sessions, and tokens that are none; backwards, as secrets are. */
  readonly tokens: readonly string[];
  /** Names that the firewall lets through and that resolve to private addresses, if at all. */
  readonly names: readonly string[];
  /** Hex of each secret's bytes, backwards: what is looked for is not in this file. */
  readonly secrets: readonly string[];
  /** An approval of this very session that waits for a person. */
  readonly approvalId: string;
  /** The most processes that a workspace may have. */
  readonly processes: number;
}

export interface Attempt {
  readonly name: string;
  /** What it got; null: nothing, as it must be. */
  readonly got: string | null;
}

export interface HostileReport {
  readonly attempts: readonly Attempt[];
  /** What must go, and went: without it the rest proves nothing. */
  readonly reached: readonly string[];
}

/** What was tried, by name. One that fails to get anything says so by null, or by an error. */
export type Attempts = Readonly<Record<string, () => Promise<string | null> | string | null>>;

const LONGEST_MS = 60_000;

/** One after the other: what one waits for is not kept from it by another that computes. */
export async function tryAll(attempts: Attempts): Promise<Attempt[]> {
  const tried: Attempt[] = [];
  for (const [name, work] of Object.entries(attempts)) {
    const late = Promise.withResolvers<string>();
    const timer = setTimeout(() => late.resolve('no answer: it hangs'), LONGEST_MS);
    try {
      tried.push({ name, got: await Promise.race([Promise.resolve().then(work), late.promise]) });
    } catch {
      tried.push({ name, got: null });
    } finally {
      clearTimeout(timer);
    }
  }
  return tried;
}

/** The first few of what was found. */
export const found = (things: readonly string[]): string | null =>
  things.length === 0 ? null : `${things.length}: ${things.slice(0, 8).join(', ')}`;
