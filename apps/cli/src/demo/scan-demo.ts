import { homeDatabaseDirectory } from '@aileron/database';
import type { SpawnedService } from '../service/spawn-service.js';
import type { AgentObserver } from './agent-observer.js';
import { scanForCanaries, type CanaryPlace, type CanaryReport } from './canary-scan.js';
import { canaryPatterns, type DemoCast } from './demo-cast.js';
import type { DemoHome } from './demo-home.js';
import type { DemoAudit } from './read-audit.js';

export interface ScanInput {
  readonly home: DemoHome;
  readonly cast: DemoCast;
  readonly service: SpawnedService;
  readonly observer: AgentObserver;
  readonly audit: DemoAudit;
}

/** Everything that the demo left anywhere: no credential, in no encoding. */
export async function scanDemo({ home, cast, service, observer, audit }: ScanInput): Promise<CanaryReport> {
  const { stdout, environment, files } = observer.seen;
  const places: CanaryPlace[] = [
    { name: 'sandbox environment', bytes: environment },
    { name: 'sandbox files', bytes: files },
    { name: 'agent output', bytes: stdout },
    { name: 'service log', path: service.logFile },
    { name: 'audit export', bytes: Buffer.from(audit.text) },
    { name: 'home', path: home.home.root },
    { name: 'database files', path: await homeDatabaseDirectory(home.home.root) },
  ];
  return scanForCanaries(places, canaryPatterns(cast.credentials));
}
