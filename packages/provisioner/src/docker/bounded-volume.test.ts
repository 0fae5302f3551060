import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ensureBoundedVolume, isBounded } from './bounded-volume.js';
import { DockerEngine } from './docker-engine.js';

const REQUEST = { name: 'aileron-a', labels: { a: 'b' }, volumeBytes: 1_000 };

/** An engine as far as volumes go: which file system it is on is not ours to choose. */
describe('a volume', () => {
  let directory: string;
  let server: Server;
  let asked: unknown[];
  let refusal: { readonly status: number; readonly message: string } | null;
  const engine = () => new DockerEngine(join(directory, 's'), 5_000);
  const ensure = () => ensureBoundedVolume(engine(), REQUEST, AbortSignal.timeout(10_000));

  beforeEach(async () => {
    [asked, refusal] = [[], null];
    directory = await mkdtemp(join(tmpdir(), 'volume-'));
    server = createServer((request, response) => {
      const answer = (status: number, value: unknown) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
      if (request.method === 'GET') return void answer(404, { message: 'no such volume' });
      void request.toArray().then((parts) => {
        const body = JSON.parse(Buffer.concat(parts as Buffer[]).toString()) as { DriverOpts: { size?: string } };
        asked.push(body.DriverOpts);
        if (refusal !== null && body.DriverOpts.size !== undefined)
          answer(refusal.status, { message: refusal.message });
        else answer(201, { Name: REQUEST.name });
      });
    }).listen(join(directory, 's'));
    await once(server, 'listening');
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('is asked for with its size', async () => {
    await ensure();
    expect(asked).toEqual([{ size: '1000' }]);
  });

  it('is made without where the file system counts nothing', async () => {
    refusal = { status: 400, message: 'quota size requested but no quota support' };
    await ensure();
    expect(asked).toEqual([{ size: '1000' }, {}]);
  });

  it('is not made without a size for any other reason', async () => {
    refusal = { status: 500, message: 'no space left on device' };
    await expect(ensure()).rejects.toMatchObject({ statusCode: 500 });
    expect(asked).toHaveLength(1);
  });

  it('says whether it is held to its size', () => {
    expect([isBounded({ Options: { size: '1' } }), isBounded({ Options: null }), isBounded(null)]).toEqual([
      true,
      false,
      false,
    ]);
  });
});
