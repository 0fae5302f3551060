import { describe, expect, it } from '@jest/globals';
import { AileronError } from '@aileron/errors';
import { PermanentJobError } from '@aileron/queue';
import { createLogger } from '@aileron/telemetry';
import { endingWhenAway, JOB_TRIES } from './job-tries.js';

const logger = createLogger({ service: 'workspace-manager', level: 'silent' });

function run(error: unknown, attempt: number): Promise<void> {
  const handler = endingWhenAway(() => Promise.reject(error), logger);
  return handler({ id: 'a', name: 'workspace.operation', payload: {}, attempt, signal: AbortSignal.timeout(1_000) });
}

const away = [
  new AileronError('DATABASE_UNAVAILABLE'),
  new AileronError('DEADLINE_EXCEEDED'),
  new DOMException('late', 'TimeoutError'),
].map((error) => ({ error, why: error.message }));

describe('the last run of a job', () => {
  it.each(away)('ends the job when something was away: $why', async ({ error }) => {
    await expect(run(error, JOB_TRIES.attempts)).resolves.toBeUndefined();
  });

  it.each(away)('is not the one before: $why', async ({ error }) => {
    await expect(run(error, JOB_TRIES.attempts - 1)).rejects.toBe(error);
  });

  it('leaves what is a bug to be seen', async () => {
    for (const bug of [new TypeError('no such field'), new AileronError('INTERNAL'), new PermanentJobError('bad')]) {
      await expect(run(bug, JOB_TRIES.attempts)).rejects.toBe(bug);
    }
  });
});
