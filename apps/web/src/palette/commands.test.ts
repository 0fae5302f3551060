import { describe, expect, it } from '@jest/globals';
import { findCommands } from './commands.js';

const command = (label: string, hint = 'Page') => ({ id: label, label, hint, run: () => undefined });

describe('findCommands', () => {
  it('finds by every word, and those that begin with it first', () => {
    const all = [command('fix-audit', 'Workspace'), command('Audit'), command('Approvals')];
    expect(findCommands(all, 'au').map(({ label }) => label)).toEqual(['Audit', 'fix-audit']);
    expect(findCommands(all, 'work audit').map(({ label }) => label)).toEqual(['fix-audit']);
    expect(findCommands(all, '')).toEqual(all);
  });
});
