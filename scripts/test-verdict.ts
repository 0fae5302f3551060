/** What we read of `jest --json`. */
export interface JestResult {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  /** Files that did not even load. */
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

export interface Verdict {
  readonly ok: boolean;
  /** Sentences to show before the closing line. */
  readonly reasons: readonly string[];
  /** `N passed, N failed, N skipped` */
  readonly line: string;
}

/** Passing means that tests ran, all that ran passed, and, where all are required, that none was left out. */
export function judgeResult(result: JestResult | null, options: { requireAll: boolean; lingered: boolean }): Verdict {
  if (result === null) {
    return { ok: false, reasons: ['the test runner wrote no result'], line: '0 passed, 1 failed, 0 skipped' };
  }
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  const skipped = result.numPendingTests + result.numTodoTests;
  const reasons: string[] = [];
  if (result.numPassedTests + failed === 0) reasons.push('no test ran');
  if (options.lingered) reasons.push('something was still running after the last test: a handle was left open');
  if (options.requireAll && skipped > 0)
    reasons.push('skipped, and AILERON_REQUIRE_ALL allows none:', ...skippedNames(result));
  if (!result.success && failed === 0) reasons.push('the test runner reports failure');
  const line = `${result.numPassedTests} passed, ${failed} failed, ${skipped} skipped`;
  return { ok: failed === 0 && reasons.length === 0, reasons, line };
}

function skippedNames({ testResults }: JestResult): string[] {
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'pending' || status === 'todo')
      .map(({ fullName }) => `  ${fullName} (${name})`),
  );
}
