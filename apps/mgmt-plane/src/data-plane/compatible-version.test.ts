import { describe, expect, it } from '@jest/globals';
import { assertCompatible } from './compatible-version.js';

describe('assertCompatible', () => {
  it.each(['1.4.0', '1.4.9', '1.3.0', '1.5.1'])('lets %s work with 1.4.2', (theirs) => {
    expect(() => assertCompatible({ ours: '1.4.2', theirs })).not.toThrow();
  });

  it.each(['1.2.9', '1.6.0', '2.4.0', '0.4.0', '', 'x', '1.4', '1.NaN.0'])('refuses %j, naming both', (theirs) => {
    expect(() => assertCompatible({ ours: '1.4.2', theirs })).toThrow(
      expect.objectContaining({ code: 'VERSION_MISMATCH', details: { ours: '1.4.2', theirs } }),
    );
  });
});
