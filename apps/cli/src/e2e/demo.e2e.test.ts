import { describe, expect, it } from '@jest/globals';
import { DemoReport } from '../demo/demo-report.js';
import { PLANT_PLACES } from '../demo/planted-leak.js';
import { aileron } from './running-service.fixture.js';

const demo = async (...args: string[]) => {
  const { code, stdout, stderr } = await aileron(['--json', 'demo', ...args], { timeoutMs: 170_000 });
  if (!stdout.startsWith('{')) throw new Error(stderr.slice(-4_000));
  return { code, report: DemoReport.parse(JSON.parse(stdout)) };
};

describe('the demo', () => {
  it('runs the real Claude Code through one approved mutation, metered, audited and without a leak', async () => {
    const { code, report } = await demo('--approve', 'yes');
    expect(code).toBe(0);
    expect(report).toMatchObject({
      ok: true,
      agent: { name: 'claude-code' },
      approvals: [{ operation: 'linear.create_issue', state: 'consumed' }],
      audit: { verified: true },
      canary: { leaked: 0 },
    });
    expect(report.operations).toContainEqual({ name: 'linear.create_issue', decision: 'approved', status: 200 });
    expect(report.llm.calls).toBeGreaterThanOrEqual(2);
    expect(report.llm.costUsd).toBeGreaterThan(0);
  }, 180_000);

  it('shows a refusal reaching the agent, and sends nothing', async () => {
    const { code, report } = await demo('--approve', 'no');
    expect(code).toBe(0);
    expect(report).toMatchObject({ ok: true, approvals: [{ state: 'denied' }], canary: { leaked: 0 } });
    expect(report.operations).toContainEqual({ name: 'linear.create_issue', decision: 'denied', status: 403 });
  }, 180_000);

  it.each(PLANT_PLACES)(
    'fails on a leak planted in %s',
    async (place) => {
      const { code, report } = await demo('--agent', 'fake', '--plant', place);
      expect(code).toBe(1);
      expect(report.ok).toBe(false);
      expect(report.canary.leaked).toBeGreaterThan(0);
    },
    120_000,
  );
});
