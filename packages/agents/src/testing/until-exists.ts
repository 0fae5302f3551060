import { access } from 'node:fs/promises';

const PATIENCE_MS = 20_000;
const STEP_MS = 20;

/** Waits in real time for a file that another process makes. */
export async function untilExists(path: string): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await access(path).then(
      () => true,
      () => false,
    );
    if (found) return;
    if (performance.now() > end) throw new Error(`${path} was not made`);
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}
