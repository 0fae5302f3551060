import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { homeDatabaseDirectory } from '@aileron/database';
import type { SpawnedService } from '../service/spawn-service.js';
import type { AgentObserver } from './agent-observer.js';
import type { DemoCast } from './demo-cast.js';
import type { DemoHome } from './demo-home.js';

/** Where a leak can be planted on purpose: each place that the canary scan reads. */
export const PLANT_PLACES = ['environment', 'files', 'stdout', 'logs', 'audit', 'database'] as const;
export type PlantPlace = (typeof PLANT_PLACES)[number];

export interface PlantInput {
  readonly home: DemoHome;
  readonly cast: DemoCast;
  readonly service: SpawnedService;
  readonly observer: AgentObserver;
}

/** Puts a credential where it must not be. A scan that does not find it is worth nothing. */
export async function plantLeak(
  place: PlantPlace | undefined,
  { home, cast, service, observer }: PlantInput,
): Promise<void> {
  const secret = cast.credentials.linear;
  const encoded = Buffer.from(secret).toString('base64');
  switch (place) {
    case undefined:
    case 'stdout':
      return; // planted while the agent ran
    case 'environment':
      return observer.plantEnvironment(`LINEAR_API_KEY=${secret}`);
    case 'files':
      return observer.plantFile(encoded);
    case 'logs':
      return appendFileSync(service.logFile, `{"authorization":"${secret}"}\n`);
    case 'audit':
      return writeFileSync(home.home.path('proxy', 'audit', 'planted.jsonl'), `{"arguments":"${encoded}"}\n`);
    case 'database':
      return writeFileSync(
        join(await homeDatabaseDirectory(home.home.root), 'planted'),
        Buffer.from(secret).toString('hex'),
      );
  }
}
