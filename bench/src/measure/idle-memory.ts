import type { Amounts } from '../bench-options.js';
import type { Contestant } from '../contestants/contestant.js';
import type { Dial } from '../generator/dial.js';
import type { Generator } from '../generator/generator.js';
import { memoryOf } from '../machine/process-tree.js';
import type { Memory } from './measurement.js';

/** Below the bound of connections that one session has. */
const TUNNELS_EACH_DIAL = 200;

/** Memory with so many tunnels open, each of which has made one call. */
export async function idleMemory(
  contestant: Contestant,
  generator: Generator,
  { idleTunnels: tunnels, settleMs }: Amounts,
): Promise<Memory['idleTunnels']> {
  try {
    const dials = await dialsOf(contestant, Math.ceil(tunnels / TUNNELS_EACH_DIAL));
    await generator.ask({ job: 'hold', dials, tunnels });
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    return { tunnels, bytes: memoryOf(contestant.processes()) };
  } catch (error) {
    return { failed: error instanceof Error ? error.message.slice(0, 300) : String(error) };
  } finally {
    await generator.ask({ job: 'let-go' });
  }
}

/** Several sessions where there are sessions; the same way each time where there are none. */
async function dialsOf(contestant: Contestant, count: number): Promise<readonly Dial[]> {
  if (!contestant.name.startsWith('aileron')) return [contestant.dial];
  return (await contestant.coldTunnels(count)).map(({ dial }) => dial);
}
