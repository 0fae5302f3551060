import { randomBytes } from 'node:crypto';
import { SessionState, WorkspaceSessionService, type Firewall } from '@aileron/contracts/grpc';
import { AileronError } from '@aileron/errors';
import type { ServiceDefinition } from '@aileron/service-host';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { Module } from '@nestjs/common';
import { createRequire } from 'node:module';
import { z } from 'zod';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };
const SESSIONS = Symbol('sessions');

interface StartSession {
  readonly workspace: string;
  readonly firewall?: unknown;
  readonly requestId: string;
}

/** A management plane that gives a session to whoever asks. */
export class FakeSessions {
  readonly alive = new Map<string, { locked: boolean; firewall: unknown; workspaceId: string }>();
  started = 0;
  lifetimeMs = 3_600_000;
  /** Sessions of an earlier process of it are taken for alive. */
  forgetful = false;
  /** So many sessions begin, and nobody hears of it. */
  lostAnswers = 0;
  /** Calls that change a firewall and are not answered. */
  failingUpdates = 0;
  /** A session has begun, and the answer waits for this: what happens in between can be tried. */
  answering: Promise<void> = Promise.resolve();
  readonly #byRequest = new Map<string, string>();

  startSession = async ({ workspace, firewall, requestId }: StartSession) => {
    const known = this.#byRequest.get(requestId);
    if (known !== undefined && !this.alive.has(known)) throw new AileronError('PRECONDITION_FAILED');
    const sessionId = known ?? this.#begin(requestId, { locked: true, firewall, workspaceId: workspace });
    if (this.lostAnswers > 0) {
      this.lostAnswers -= 1;
      throw new AileronError('UNAVAILABLE');
    }
    await this.answering;
    return {
      sessionId,
      agentToken: 'agt_test',
      caCertificatePem: '',
      runtimeDirectory: '/run/none',
      expiresAt: timestampFromMs(Date.now() + this.lifetimeMs),
    };
  };
  #begin(requestId: string, session: { locked: boolean; firewall: unknown; workspaceId: string }): string {
    this.started += 1;
    const sessionId = `ses_${randomBytes(8).toString('hex')}`;
    this.alive.set(sessionId, session);
    this.#byRequest.set(requestId, sessionId);
    return sessionId;
  }

  endSession = async ({ sessionId }: { sessionId: string }) => {
    this.alive.delete(sessionId);
    return {};
  };
  updateFirewall = async ({ sessionId, firewall }: { sessionId: string; firewall?: unknown }) => {
    if (this.failingUpdates > 0) {
      this.failingUpdates -= 1;
      throw new AileronError('UNAVAILABLE');
    }
    const session = this.alive.get(sessionId);
    if (session !== undefined) session.firewall = firewall;
    return {};
  };
  getSession = async ({ sessionId }: { sessionId: string }) => {
    const session = this.alive.get(sessionId);
    return {
      state: session === undefined && !this.forgetful ? SessionState.ENDED : SessionState.ACTIVE,
      locked: session?.locked ?? true,
      ...(session !== undefined && { firewall: session.firewall as Firewall }),
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
