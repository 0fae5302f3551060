import { AileronError } from '@aileron/errors';
import { Inject, Injectable } from '@nestjs/common';
import { AgentSessionsService } from '../agents/agent-sessions.service.js';
import type { AgentStatusView } from '../agents/agent-session.js';
import { BOOT_ID, CONFIG, type WorkspaceRuntimeConfig } from '../config.js';
import { BoundaryCheck } from './boundary-check.js';
import { StatusSignal } from './status-signal.js';

const MOST_WATCHERS = 16;
/** Also the sign of life. */
const AT_LEAST_EVERY_MS = 4_000;
/** Changes that come closer together are told together. */
const AT_MOST_EVERY_MS = 100;

export interface RuntimeStatus {
  readonly workspaceId: string;
  readonly bootId: string;
  readonly ready: boolean;
  /** A constant name and a sentence; empty while ready. */
  readonly reason: string;
  readonly message: string;
  readonly agents: readonly AgentStatusView[];
}

/** How this runtime and its agents are. */
@Injectable()
export class RuntimeStatusService {
  #watchers = 0;

  constructor(
    @Inject(CONFIG) private readonly config: WorkspaceRuntimeConfig,
    @Inject(BOOT_ID) private readonly bootId: string,
    @Inject(AgentSessionsService) private readonly agents: AgentSessionsService,
    @Inject(BoundaryCheck) private readonly boundary: BoundaryCheck,
    @Inject(StatusSignal) private readonly changes: StatusSignal,
  ) {}

  /** At once, at every change, and again while nothing changes. RATE_LIMITED: too many watch */
  async *watch(signal: AbortSignal): AsyncGenerator<RuntimeStatus, void> {
    if (this.#watchers >= MOST_WATCHERS) throw new AileronError('RATE_LIMITED', { maxWatchers: MOST_WATCHERS });
    this.#watchers += 1;
    const never = new StatusSignal();
    try {
      while (!signal.aborted) {
        const { version } = this.changes;
        yield this.#status();
        await never.changed(0, AT_MOST_EVERY_MS, signal);
        await this.changes.changed(version, AT_LEAST_EVERY_MS, signal);
      }
    } finally {
      this.#watchers -= 1;
    }
  }

  #status(): RuntimeStatus {
    const { workspaceId } = this.config;
    return { workspaceId, bootId: this.bootId, ...this.#readiness(), agents: this.agents.statuses };
  }

  #readiness(): Pick<RuntimeStatus, 'ready' | 'reason' | 'message'> {
    const { state } = this.boundary;
    if (state.name === 'usable') return { ready: true, reason: '', message: '' };
    if (state.name === 'unknown')
      return { ready: false, reason: 'BOUNDARY_UNKNOWN', message: 'A first command inside has not come back yet.' };
    return { ready: false, reason: 'BOUNDARY_BROKEN', message: state.why };
  }
}
