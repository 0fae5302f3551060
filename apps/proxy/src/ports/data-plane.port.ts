/** A session as the management plane tells it. */
export interface SessionInfo {
  readonly tenantId: string;
  readonly sessionId: string;
  readonly user: { readonly id: string; readonly name: string };
  readonly agent: string;
  readonly workspace: string | null;
  readonly project: string | null;
  readonly agentTokenSha256: Uint8Array;
  readonly state: 'starting' | 'active' | 'ended';
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** Of the session's CA, and the proxy that made it; null until one reported ready. */
  readonly caCertificatePem: string | null;
  readonly preparedBy: string | null;
  /** Milliseconds since 1970; null while credential-service has no keys. A hint: credential-service decides. */
  readonly unlockedUntil: number | null;
  /** When the keys were last taken back; null when never. */
  readonly lockedAt: number | null;
  /** null: it is not bounded by a firewall. */
  readonly firewall: FirewallSettings | null;
}

/** What a session may reach. */
export interface FirewallSettings {
  /** False: nothing leaves. */
  readonly networkAccess: boolean;
  /** `deny`: the connectors' hosts alone; `allowlist`: and the listed ones. */
  readonly mode: 'allowlist' | 'deny';
  /** Host names; `*.` and a name for everything below it. */
  readonly domains: readonly string[];
}

/** A DSSE envelope as JSON bytes. `version` is only a hint: the signed payload says what it is. */
export interface SignedBundle {
  readonly tenantId: string;
  readonly version: number;
  readonly envelope: Uint8Array;
}

export type DataPlaneEvent =
  | {
      readonly kind: 'snapshot';
      readonly sessions: readonly SessionInfo[];
      readonly policyBundle: SignedBundle | null;
      readonly connectorBundle: SignedBundle | null;
      readonly leaseSeconds: number;
    }
  | { readonly kind: 'session'; readonly session: SessionInfo }
  | { readonly kind: 'policy-bundle' | 'connector-bundle'; readonly bundle: SignedBundle }
  /** A credential that is in use may be gone, or another one. */
  | { readonly kind: 'vaults-changed' }
  | { readonly kind: 'heartbeat' };

export type SessionReport =
  | { readonly kind: 'ready'; readonly caCertificatePem: string; readonly runtimeDirectory: string }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** What the management plane tells the proxy, and what the proxy tells back. */
export interface DataPlane {
  /** A snapshot, then each change, and a heartbeat at least every 15 s. Ends or throws when the connection does. */
  watch(input: { proxyId: string; version: string; signal: AbortSignal }): AsyncIterable<DataPlaneEvent>;
  report(input: {
    tenantId: string;
    sessionId: string;
    proxyId: string;
    report: SessionReport;
    signal: AbortSignal;
  }): Promise<{
    /** Of the session's CA: another than the one reported when another proxy was first. Null after `failed`. */
    caCertificatePem: string | null;
  }>;
}
