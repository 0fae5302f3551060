import { describe, expect, it } from '@jest/globals';
import { hasRedis, RedisServer } from '@aileron/testing';
import { openJobQueue } from '../open-job-queue.js';

const describeRedis = (await hasRedis()) || process.env['AILERON_REQUIRE_ALL'] === '1' ? describe : describe.skip;

describeRedis('A Redis for jobs', () => {
  it('must not throw keys away to make room', async () => {
    const server = await RedisServer.start('--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru');
    try {
      await expect(openJobQueue({ server: { redisUrl: server.socket } })).rejects.toMatchObject({
        code: 'QUEUE_UNAVAILABLE',
        details: { reason: expect.stringContaining('noeviction') },
      });
    } finally {
      await server.destroy();
    }
  });

  it('is said not to be durable without an append-only file', async () => {
    const server = await RedisServer.start('--appendonly', 'no');
    try {
      const queue = await openJobQueue({ server: { redisUrl: server.socket } });
      expect(await queue.health()).toMatchObject({ reachable: true, durable: false });
      await queue.close();
    } finally {
      await server.destroy();
    }
  });
});
