import { z } from 'zod';
import { eventually, nowMs, pause } from './drill-clock.ts';
import type { DrillHome } from './drill-home.ts';
import type { Target } from './drill-options.ts';
import type { Strike } from './journal.ts';
import { isAlive, startedAt } from './process-facts.ts';

const GONE_MS = 10_000;
const BORN_MS = 60_000;
const UNLOCKED_MS = 60_000;
const UNLOCK_AGAIN_MS = 100;

const Unlocked = z.object({ unlocked: z.array(z.string()) });

/** With these, credential-service loses the keys that it had in memory. */
const LOSES_KEYS: readonly Target[] = ['service', 'credential-service'];

/** kill -9; the successor comes by itself, except that of the whole service, which a person starts. */
export async function killAndRestart(
  home: DrillHome,
  target: Target,
  onGone: () => void,
): Promise<Omit<Strike, 'held'>> {
  const pid = home.pidOf(target);
  if (pid === undefined) throw new Error(`service.json names no process of ${target}`);
  const killedAt = nowMs();
  process.kill(pid, 'SIGKILL');
  await eventually(`${target} is gone`, () => (isAlive(pid) ? undefined : true), GONE_MS);
  const goneAt = nowMs();
  onGone();
  if (target === 'service') await home.start();
  const look = (): number | undefined => {
    const now = home.pidOf(target);
    return now === undefined || now === pid ? undefined : now;
  };
  const successor = await eventually(`${target} is started again`, look, BORN_MS);
  const readyAt = nowMs();
  const bornAt = startedAt(successor) ?? nowMs();
  const unlocked = LOSES_KEYS.includes(target) ? await unlock(home) : null;
  return { killedAt, goneAt, bornAt, readyAt, unlocked };
}

/** As a person does it: `aileron vault unlock`, until it says that a session was unlocked. */
async function unlock(home: DrillHome): Promise<{ from: number; to: number }> {
  const until = nowMs() + UNLOCKED_MS;
  for (;;) {
    const from = nowMs();
    const answer = await home.command(['vault', 'unlock'], { unlocks: true }).catch((error: unknown) => error);
    const { data } = Unlocked.safeParse(answer);
    if ((data?.unlocked.length ?? 0) > 0) return { from, to: nowMs() };
    if (nowMs() > until) throw new Error('the session could not be unlocked', { cause: answer });
    await pause(UNLOCK_AGAIN_MS);
  }
}
