// What must hold after every test of the whole proxy, and what several of them look for.
import { expect } from '@jest/globals';
import { verifyLines } from '@aileron/audit';
import { ApprovalState } from '@aileron/contracts/grpc';
import { findCanary } from '@aileron/testing';
import { keys, type TestSession, type TestWorld, until } from './proxy.fixture.js';

/** The chain verifies, everything was shipped, and no secret is in audit or logs. The proxy has ended. */
export async function expectCleanRecords(world: TestWorld): Promise<void> {
  const lines = await world.auditLines();
  const verified = await verifyLines(
    lines.map((line) => Buffer.from(line)),
    { keys: [keys.audit.verifying] },
  );
  expect(verified.error).toBeUndefined();
  expect(world.management.auditLines.map((line) => Buffer.from(line).toString())).toEqual(lines);
  for (const secret of [world.linearSecret, world.anthropicSecret]) {
    expect(findCanary(lines.join('\n'), secret)).toEqual([]);
    expect(findCanary(world.logLines.join('\n'), secret)).toEqual([]);
  }
}

/** The kinds of a session's records, in their order. */
export const recordKinds = async (world: TestWorld, { info }: TestSession) =>
  (await world.records(info.sessionId)).map(({ kind }) => kind);

/** The approval that this session's request waits for. */
export async function pendingApproval(world: TestWorld, { info }: TestSession): Promise<string> {
  const find = () =>
    [...world.management.approvals.values()].find(
      ({ sessionId, state }) => sessionId === info.sessionId && state === ApprovalState.PENDING,
    );
  await until(() => find() !== undefined);
  return find()?.approvalId ?? '';
}

/** How many issues of this title the upstream made. */
export const issuesTitled = (world: TestWorld, title: string) =>
  world.linear.issues.filter((issue) => issue.title === title).length;
