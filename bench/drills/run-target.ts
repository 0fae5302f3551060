import { StartSessionResponse } from '@aileron/contracts/rest';
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
import { seededRandom } from './seeded-random.ts';
import { killAndRestart } from './strike.ts';
import { startUpstreams, type Upstreams } from './upstreams.ts';

export type Note = (line: string) => void;

/** After the last kill, for recovery to show that it lasts. */
const CALM_MS = 2_000;

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
    const { strikes, faults } = await strikeInTime(stage, { load, approver });
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

/** Kills at seeded times, spread over the time under load; after each, the audit so far is verified. */
async function strikeInTime(
  stage: Stage,
  { load, approver }: { load: Load; approver: Approver },
): Promise<{ strikes: readonly Strike[]; faults: readonly string[] }> {
  const { options, target, home, note } = stage;
  const strikes: Strike[] = [];
  const faults: string[] = [];
  const endsAt = nowMs() + options.seconds * 1_000;
  const slotMs = (options.seconds * 1_000) / options.kills;
  const from = nowMs();
  // Of its own: how much was sent until then must not move the next kill.
  const random = seededRandom(options.seed + 1);
  for (let n = 0; n < options.kills; n++) {
    await pause(Math.max(0, from + (n + random() * 0.2) * slotMs - nowMs()));
    const held = new HeldOperations(load, approver);
    await held.prepare();
    note(`${target}: kill ${n + 1} of ${options.kills}`);
    const strike = await killAndRestart(home, target, () => held.goOn());
    strikes.push({ ...strike, held: await held.finish() });
    if (n < options.kills - 1) faults.push(...(await verifyOffline(home, await exportAudit(home))));
  }
  await pause(Math.max(endsAt - nowMs(), CALM_MS));
  return { strikes, faults };
}
