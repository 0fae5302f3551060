import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ANTHROPIC, openTunnel, TestWorld, until } from '../proxy.fixture.js';

describe('a tunnel to the host of a connector', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await TestWorld.start();
  });
  afterAll(() => world.close());

  it('has the vault looked at before the first call, opens nothing, and leaves no record', async () => {
    const session = await world.session();
    const { resolves } = world.credentials;
    using client = await openTunnel(session, ANTHROPIC);
    await until(() => world.credentials.resolves > resolves);
    expect(world.credentials.decrypts).toBe(0);
    expect(client.socket.destroyed).toBe(false);
    const kinds = (await world.records(session.info.sessionId)).map(({ kind }) => kind);
    expect(kinds).not.toContain('intent');
    expect(kinds).not.toContain('refused');
  });
});
