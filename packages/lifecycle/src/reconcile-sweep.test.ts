import { describe, expect, it } from '@jest/globals';
import { reconcileSweep, type FoundResource, type Sweep } from './reconcile-sweep.js';
import { DrivenWorkspace, failure, inFlight, running, stopped } from './workspace.fixture.js';

const named = (workspaceId: string): DrivenWorkspace => running({ workspaceId });

const AT = Date.parse('2026-11-21T09:00:00Z');

function resource(of: DrivenWorkspace, over: Partial<FoundResource> = {}): FoundResource {
  const { workspaceId, launch } = of.state;
  const kind = over.kind ?? 'container';
  return { id: `${workspaceId}-${kind}`, workspaceId, kind, launch, running: true, createdAt: AT - 60_000, ...over };
}

const volume = (of: DrivenWorkspace): FoundResource => resource(of, { kind: 'volume', launch: null, running: false });

function sweep(known: readonly DrivenWorkspace[], found: readonly FoundResource[], over: Partial<Sweep> = {}) {
  return reconcileSweep({ known: known.map(({ state }) => state), knownAt: AT, found, complete: true, ...over });
}

const NOTHING = { orphans: [], rebuild: [], halt: [], lost: [], confirmed: [] };

describe('a sweep', () => {
  it('finds nothing to do where everything is as it should be', () => {
    const [one, two] = [named('one'), named('two')];
    expect(sweep([one, two], [resource(one), volume(one), volume(two), resource(two)])).toEqual(NOTHING);
    expect(sweep([], [])).toEqual(NOTHING);
  });

  it('removes what has no owner, once it is older than the list of owners', () => {
    const stranger = named('stranger');
    expect(sweep([], [resource(stranger), volume(stranger)]).orphans).toEqual([
      { resource: resource(stranger), because: 'unrecorded' },
      { resource: volume(stranger), because: 'unrecorded' },
    ]);
    expect(sweep([], [resource(stranger, { createdAt: AT - 4_000 })]).orphans).toEqual([]);
  });

  it('removes a container that a later launch replaced, and none while somebody works on it', () => {
    const workspace = running();
    const old = resource(workspace);
    workspace.ask({ name: 'restart' });
    expect(sweep([workspace], [old, volume(workspace)])).toEqual(NOTHING);
    workspace.work();
    const { orphans, rebuild } = sweep([workspace], [old, resource(workspace, { id: 'new' }), volume(workspace)]);
    expect(orphans).toEqual([{ resource: old, because: 'superseded' }]);
    expect(rebuild).toEqual([]);
  });

  it('removes what a failed creation left', () => {
    const workspace = new DrivenWorkspace().claim().report(failure(false)).work();
    const left = resource(workspace, { launch: 1, running: false });
    expect(sweep([workspace], [left]).orphans).toEqual([{ resource: left, because: 'superseded' }]);
  });

  it('rebuilds a workspace whose container vanished', () => {
    const workspace = running();
    const [drift] = sweep([workspace], [volume(workspace)]).rebuild;
    expect(drift).toMatchObject({ workspaceId: 'wsp_1', event: { container: 'missing' } });
    expect(inFlight(workspace.send(drift!.event))).toBe('rebuild');
  });

  it('stops what runs though it should not', () => {
    for (const workspace of [stopped(), running().ask({ name: 'restart' }).claim().report(failure(false)).work()]) {
      const [drift] = sweep([workspace], [resource(workspace), volume(workspace)]).halt;
      expect(inFlight(workspace.send(drift!.event))).toBe('stop');
    }
  });

  it('names the workspaces whose volume is gone, once', () => {
    const workspace = stopped();
    const [drift] = sweep([workspace], []).lost;
    workspace.send(drift!.event);
    expect(workspace.state.reason).toBe('volume-lost');
    expect(sweep([workspace], [])).toEqual(NOTHING);
  });

  it('sees a forced deletion through', () => {
    const workspace = running().ask({ name: 'delete', force: true }).abandon();
    const { orphans, confirmed } = sweep([workspace], [volume(workspace)]);
    expect(orphans).toEqual([{ resource: volume(workspace), because: 'removed' }]);
    expect(confirmed).toEqual([]);
    const [done] = sweep([workspace], []).confirmed;
    expect(workspace.send(done!.event).effects).toEqual([{ type: 'forget' }]);
    expect(sweep([workspace], [])).toEqual(NOTHING);
  });

  it('concludes nothing from what an incomplete listing lacks', () => {
    const removed = named('removed').ask({ name: 'delete', force: true }).abandon();
    const halted = stopped();
    const decision = sweep([named('gone'), removed, halted], [resource(halted)], { complete: false });
    expect(decision).toMatchObject({ rebuild: [], lost: [], confirmed: [] });
  });
});
