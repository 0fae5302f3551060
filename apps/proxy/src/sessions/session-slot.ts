import { type SessionInfo } from '../ports/data-plane.port.js';
import { type LiveSession } from './live-session.js';

/** What agents reach a session by: its socket, and its connections to the port. */
export interface SessionListener {
  /** Breaks off what is open; new connections may come. */
  cut(): void;
  close(): Promise<void>;
}

/** What the registry knows of one session, and how far it is with it. */
export interface SessionSlot {
  /** What the management plane said last; null once it should be gone. */
  wanted: SessionInfo | null;
  ending: 'ended' | 'expired' | null;
  live: LiveSession | null;
  listener: SessionListener | null;
  working: Promise<void> | null;
  /** When to try again what failed; null when nothing did. */
  retryAt: number | null;
  /** Whether the management plane took the report, or knew before. */
  reported: boolean;
  /** When its keys run out; null while it has none, and once that was acted on. */
  keysUntil: number | null;
  /** Resolves once it can be served. */
  readonly prepared: PromiseWithResolvers<LiveSession>;
}

/** One that is prepared and still wanted. */
export type ServedSlot = SessionSlot & { readonly live: LiveSession; readonly wanted: SessionInfo };

export function newSlot(info: SessionInfo): SessionSlot {
  return {
    wanted: info,
    ending: null,
    live: null,
    listener: null,
    working: null,
    retryAt: null,
    reported: false,
    keysUntil: info.unlockedUntil,
    prepared: Promise.withResolvers<LiveSession>(),
  };
}
