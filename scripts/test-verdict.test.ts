import { describe, expect, it } from '@jest/globals';
import { judgeResult, type JestResult } from './test-verdict.ts';

const result = (values: Partial<JestResult> = {}): JestResult => ({
  success: true,
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  numRuntimeErrorTestSuites: 0,
  testResults: [],
  ...values,
});
const plain = { requireAll: false, lingered: false };

describe('the verdict of a test run', () => {
  it('passes when tests ran and passed', () => {
    expect(judgeResult(result(), plain)).toEqual({ ok: true, reasons: [], line: '3 passed, 0 failed, 0 skipped' });
  });

  it('fails for a failed test, a file that does not load, no test at all, no result, or a leaked handle', () => {
    expect(judgeResult(result({ numFailedTests: 1, success: false }), plain)).toMatchObject({
      ok: false,
      line: '3 passed, 1 failed, 0 skipped',
    });
    expect(judgeResult(result({ numRuntimeErrorTestSuites: 1 }), plain)).toMatchObject({
      ok: false,
      line: '3 passed, 1 failed, 0 skipped',
    });
    expect(judgeResult(result({ numPassedTests: 0 }), plain)).toMatchObject({ ok: false, reasons: ['no test ran'] });
    expect(judgeResult(null, plain)).toMatchObject({ ok: false });
    expect(judgeResult(result(), { ...plain, lingered: true })).toMatchObject({ ok: false });
    expect(judgeResult(result({ success: false }), plain)).toMatchObject({ ok: false });
  });

  it('allows a skipped test on a laptop, and names it where all are required', () => {
    const testResults = [{ name: 'a.test.ts', assertionResults: [{ status: 'pending', fullName: 'a b' }] }];
    const skipping = result({ numPendingTests: 1, numTodoTests: 1, testResults });
    expect(judgeResult(skipping, plain)).toMatchObject({ ok: true, line: '3 passed, 0 failed, 2 skipped' });
    const required = judgeResult(skipping, { ...plain, requireAll: true });
    expect(required).toMatchObject({ ok: false, reasons: [expect.any(String), '  a b (a.test.ts)'] });
  });
});
