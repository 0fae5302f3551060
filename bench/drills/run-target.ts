import { StartSessionResponse } from '@aileron/contracts/rest';
import { seededRandom } from '@aileron/testing';
import { Agent } from './agent.ts';
import { Approver } from './approver.ts';
import { compareAudit } from './audit-comparison.ts';
import { compareWithLog, completeAudit, exportAudit, recordsOf, verifyOffline } from './audit-files.ts';
import { nowMs, pause } from './drill-clock.ts';
import { DrillHome } from './drill-home.ts';
import type { DrillOptions, Target } from './drill-options.ts';
import { rowOf, type DrillRow } from './drill-row.ts';
import { HeldOperations } from './held-operations.ts';
import type { Strike } from './journal.ts';
import { Load } from './load.ts';
import { hasRecovered } from './recovery.ts';
import { killAndRestart } from './strike.ts';
import { startUpstreams, type Upstreams } from './upstreams.ts';

export type Note = (line: string) => void;

/** So long no read fails any more: it lasts. */
const CALM_MS = 1_500;
const LOOK_MS = 100;
/** What is not answered again by then never is. */
const RECOVERY_MS = 60_000;

interface Stage {
  readonly options: DrillOptions;
  readonly target: Target;
  readonly home: DrillHome;
  readonly upstreams: Upstreams;
  readonly note: Note;
}

/** One line of the table: an own home and own upstreams, killed under load. Leaves nothing behind. */
export async function runTarget(options: DrillOptions, target: Target, note: Note): Promise<DrillRow> {
  const upstreams = await startUpstreams();
  const home = new DrillHome(options.topology, upstreams);
  try {
    note(`${target}: starts`);
    await home.start();
    await home.fillVault(upstreams.credentials);
    return await runUnderLoad({ options, target, home, upstreams, note });
  } catch (error) {
    note(home.log.slice(-4_000));
    throw error;
  } finally {
    await home.remove();
    await upstreams.close();
  }
}

async function runUnderLoad(stage: Stage): Promise<DrillRow> {
  const { options, target, home, upstreams } = stage;
  const started = await home.call({
    method: 'POST',
    path: '/v1/sessions',
    schema: StartSessionResponse,
    body: { agent: 'drill' },
  });
  await home.command(['vault', 'unlock'], { unlocks: true });
  const approver = await Approver.start(home);
  const agent = new Agent(started);
  const load = new Load({ agent, rate: options.rate, random: seededRandom(options.seed) });
  const running = load.run();
  try {
    const { strikes, faults } = await strikeInTime(stage, load, approver);
    const endedAt = nowMs();
    load.end();
    await running;
    const exported = await completeAudit(home, started.session.sessionId);
    await home.stop();
    const auditFaults = [...faults, ...(await verifyOffline(home, exported)), ...compareWithLog(home, exported)];
    const comparison = compareAudit(recordsOf(exported), upstreams.arrivals);
    const { attempts, unanswered } = load;
    return rowOf({
      target,
      recoverWithinMs: options.recoverWithinMs,
      attempts,
      arrivals: upstreams.arrivals,
      strikes,
      endedAt,
      unanswered,
      comparison,
      auditFaults,
    });
  } finally {
    load.end();
    await approver.stop();
    agent.close();
  }
}

interface Struck {
  readonly strikes: readonly Strike[];
  readonly faults: readonly string[];
}

/** Kills at seeded times, spread over the time under load, each after the last one was recovered from. */
async function strikeInTime(stage: Stage, load: Load, approver: Approver): Promise<Struck> {
  const { seconds, kills, seed } = stage.options;
  const strikes: Strike[] = [];
  const faults: string[] = [];
  const beganAt = nowMs();
  const slotMs = (seconds * 1_000) / kills;
  // Of its own: how much was sent until then must not move the next kill.
  const random = seededRandom(seed + 1);
  for (let n = 0; n < kills; n++) {
    await pause(Math.max(0, beganAt + (n + random() * 0.2) * slotMs - nowMs()));
    stage.note(`${stage.target}: kill ${n + 1} of ${kills}`);
    strikes.push(await strikeOnce(stage, load, approver));
    // The last one is verified with the whole.
    if (n < kills - 1) faults.push(...(await verifyOffline(stage.home, await exportAudit(stage.home))));
  }
  await pause(Math.max(0, beganAt + seconds * 1_000 - nowMs()));
  return { strikes, faults };
}

async function strikeOnce({ home, target }: Stage, load: Load, approver: Approver): Promise<Strike> {
  const held = new HeldOperations(load, approver);
  await held.prepare();
  const struck = await killAndRestart(home, target, () => held.goOn());
  const strike = { ...struck, held: await held.finish() };
  const givenUpAt = nowMs() + RECOVERY_MS;
  while (!hasRecovered(load.attempts, strike, nowMs() - CALM_MS) && nowMs() < givenUpAt) await pause(LOOK_MS);
  return strike;
}
