import { describe, expect, it } from '@jest/globals';
import { createMetrics, mergeExpositions, type Label } from './metrics.js';

describe('metrics', () => {
  it('are of one service, in a registry of its own', async () => {
    const [a, b] = [createMetrics('a'), createMetrics('b')];
    a.counter({ name: 'aileron_calls_total', help: 'Calls.', labels: ['code'] }).inc({ code: 'OK' });
    b.histogram({ name: 'aileron_seconds', help: 'Time.', buckets: [1] }).observe(0.5);
    expect(await a.render()).toContain('aileron_calls_total{code="OK",service="a"} 1');
    expect(await a.render()).not.toContain('aileron_seconds');
    expect(await b.render()).toContain('aileron_seconds_bucket{le="1",service="b"} 1');
  });

  it('take no label that is not on the list', () => {
    const labels = ['userId' as Label];
    expect(() => createMetrics('a').counter({ name: 'aileron_x', help: 'x', labels })).toThrow(/userId is not a label/);
  });

  it('of several services are one text, each family once', async () => {
    const [a, b] = [createMetrics('a'), createMetrics('b')];
    for (const each of [a, b]) each.counter({ name: 'aileron_calls_total', help: 'Calls.' }).inc();
    b.gauge({ name: 'aileron_leases', help: 'Leases.' }).set(2);
    expect(mergeExpositions([await a.render(), await b.render()])).toBe(
      [
        '# HELP aileron_calls_total Calls.',
        '# TYPE aileron_calls_total counter',
        'aileron_calls_total{service="a"} 1',
        'aileron_calls_total{service="b"} 1',
        '',
        '# HELP aileron_leases Leases.',
        '# TYPE aileron_leases gauge',
        'aileron_leases{service="b"} 2',
        '',
      ].join('\n'),
    );
  });
});
