import { type Resolver } from '@aileron/egress';
import { type Logger, type Metrics } from '@aileron/telemetry';
import { type Approvals } from './ports/approvals.port.js';
import { type AuditSink } from './ports/audit-sink.port.js';
import { type AuthorityStore } from './ports/authority-store.port.js';
import { type Clock } from './ports/clock.port.js';
import { type Credentials } from './ports/credentials.port.js';
import { type DataPlane } from './ports/data-plane.port.js';
import { type OwnRecords } from './ports/own-records.port.js';
import { type StateSealer } from './ports/state-sealer.port.js';
import { type AuditLogOptions } from './record/audit-log.js';

/** What the proxy needs of others. */
export interface ProxyPorts {
  readonly dataPlane: DataPlane;
  readonly authorities: AuthorityStore;
  readonly approvals: Approvals;
  readonly auditSink: AuditSink;
  readonly ownRecords: OwnRecords;
  readonly credentials: Credentials;
  readonly sealer: StateSealer;
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** For tests of a broken disk. */
  readonly openLogTarget?: AuditLogOptions['openTarget'];
}
