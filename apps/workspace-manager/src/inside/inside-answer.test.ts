import { GitStatus, TerminalId } from '@aileron/contracts/workspace';
import { describe, expect, it } from '@jest/globals';
import { insideAnswer } from './inside-answer.js';

const refusal = (ask: () => unknown): unknown => {
  try {
    return ask();
  } catch (error) {
    return error;
  }
};

describe('an answer from inside a workspace', () => {
  it('is taken when it is one, and else no fault of who asked', () => {
    const status = { repository: true, branch: 'main', ahead: 0, behind: 0, files: [], truncated: false };
    expect(insideAnswer(GitStatus, status)).toEqual(status);
    const fault = expect.objectContaining({ code: 'INTERNAL' });
    expect(refusal(() => insideAnswer(GitStatus, { ...status, ahead: -1 }))).toEqual(fault);
    expect(refusal(() => insideAnswer(TerminalId, 'nothing like it'))).toEqual(fault);
  });
});
