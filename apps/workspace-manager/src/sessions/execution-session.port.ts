import type { DomainAccessMode } from '@aileron/contracts/workspace';
import type { LaunchSession } from '@aileron/provisioner';
import type { z } from 'zod';

/** What a workspace may reach, with the platform's domains merged in. */
export interface SessionFirewall {
  readonly networkAccess: boolean;
  readonly mode: z.infer<typeof DomainAccessMode>;
  readonly domains: readonly string[];
}

export interface StartedSession extends LaunchSession {
  readonly expiresAt: Date;
}

export interface SeenSession {
  readonly locked: boolean;
  /** Null: it has none. */
  readonly firewall: SessionFirewall | null;
}

export interface BlockedHost {
  readonly host: string;
  readonly count: number;
  readonly lastAt: Date;
}

/** What the manager needs of the management plane: the execution-plane session of a launch. */
export interface ExecutionSessionPort {
  start(
    input: {
      readonly workspaceId: string;
      readonly agent: string;
      readonly firewall: SessionFirewall;
      readonly ttlSeconds: number;
      /** Of this launch: the same again is the same session. */
      readonly requestId: string;
    },
    signal: AbortSignal,
  ): Promise<StartedSession>;
  /** Succeeds for one that has ended before, or that nobody knows. */
  end(sessionId: string, signal: AbortSignal): Promise<void>;
  /** Succeeds for one that has ended: it reaches nothing. */
  updateFirewall(sessionId: string, firewall: SessionFirewall, signal: AbortSignal): Promise<void>;
  /** Null: it has ended, or nobody knows it. */
  read(sessionId: string, signal: AbortSignal): Promise<SeenSession | null>;
  /** Hosts that connectors reach: they are allowed whatever the workspace lists. */
  connectorDomains(sessionId: string, signal: AbortSignal): Promise<readonly string[]>;
  /** The latest first. */
  listBlocked(workspaceId: string, signal: AbortSignal): Promise<readonly BlockedHost[]>;
}
export const EXECUTION_SESSIONS = Symbol('ExecutionSessionPort');
