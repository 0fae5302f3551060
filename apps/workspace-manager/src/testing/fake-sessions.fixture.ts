import { randomBytes } from 'node:crypto';
import { SessionState, WorkspaceSessionService } from '@aileron/contracts/grpc';
import type { ServiceDefinition } from '@aileron/service-host';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { Module } from '@nestjs/common';
import { createRequire } from 'node:module';
import { z } from 'zod';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
const SESSIONS = Symbol('sessions');

/** A management plane that gives a session to whoever asks. */
export class FakeSessions {
  readonly alive = new Map<string, { locked: boolean; firewall: unknown; workspaceId: string }>();
  started = 0;
  lifetimeMs = 3_600_000;
  /** Sessions of an earlier process of it are taken for alive. */
  forgetful = false;

  startSession = async ({ workspace, firewall }: { workspace: string; firewall?: unknown }) => {
    this.started += 1;
    const sessionId = `ses_${randomBytes(8).toString('hex')}`;
    this.alive.set(sessionId, { locked: true, firewall, workspaceId: workspace });
    return {
      sessionId,
      agentToken: 'agt_test',
      caCertificatePem: '',
      runtimeDirectory: '/run/none',
      expiresAt: timestampFromMs(Date.now() + this.lifetimeMs),
    };
  };
  endSession = async ({ sessionId }: { sessionId: string }) => {
    this.alive.delete(sessionId);
    return {};
  };
  updateFirewall = async ({ sessionId, firewall }: { sessionId: string; firewall?: unknown }) => {
    const session = this.alive.get(sessionId);
    if (session !== undefined) session.firewall = firewall;
    return {};
  };
  getSession = async ({ sessionId }: { sessionId: string }) => {
    const session = this.alive.get(sessionId);
    return {
      state: session === undefined && !this.forgetful ? SessionState.ENDED : SessionState.ACTIVE,
      locked: session?.locked ?? true,
      connectorHosts: ['api.linear.app'],
    };
  };
  listSpend = async () => ({});
  listBlocked = async () => ({
    hosts: [{ host: 'evil.example', count: 3n, lastAt: timestampFromMs(Date.parse('2026-11-21T08:00:00Z')) }],
  });
}

class FakeMgmtModule {}
Module({})(FakeMgmtModule);

export const fakeMgmtPlane = (sessions: FakeSessions): ServiceDefinition<object> => ({
  name: 'mgmt-plane',
  version,
  config: z.object({}),
  module: () => ({ module: FakeMgmtModule, providers: [{ provide: SESSIONS, useValue: sessions }] }),
  grpc: [{ service: WorkspaceSessionService, provider: SESSIONS }],
});
