import { describe, expect, it } from '@jest/globals';
import { readFacts } from './fences/source-facts.ts';
import { sliceFiles, sliceNames } from './new/slice.ts';

describe('pnpm new slice', () => {
  it('names things after the slice', () => {
    expect(sliceNames('retention-rules')).toEqual({
      file: 'retention-rules',
      type: 'RetentionRules',
      value: 'retentionRules',
      item: 'RetentionRule',
      itemId: 'retentionRuleId',
    });
    for (const name of ['', 'Rules', 'a_b', '../x', 'a--b', 'x'.repeat(41)])
      expect(() => sliceNames(name)).toThrow('is not a slice name');
  });

  it('writes files that parse, each with its part', () => {
    for (const transport of ['http', 'grpc'] as const) {
      const files = sliceFiles(sliceNames('budgets'), transport);
      expect(files.map(({ path }) => path)).toEqual([
        'budgets/budgets.repository.ts',
        'budgets/budgets.service.ts',
        `budgets/budgets.${transport}.ts`,
        'budgets/budgets.module.ts',
        'budgets/budgets.service.test.ts',
      ]);
      for (const { path, text } of files) expect(readFacts(path, text).imports).not.toEqual([]);
    }
  });

  it('refuses by default: every route wants the token, every gRPC method a caller that nobody is yet', () => {
    const text = (transport: 'http' | 'grpc') => sliceFiles(sliceNames('budgets'), transport)[2]?.text ?? '';
    expect(text('http').match(/@(Get|Post|Put|Patch|Delete)\(/g)).toHaveLength(
      text('http').match(/@RequireLocalToken\(\)/g)?.length ?? 0,
    );
    expect(text('grpc')).toContain('const CALLERS: ReadonlySet<string> = new Set();');
  });
});
