// The load: a process of its own, whose CPU is nobody's.
import { serveChannel } from '../machine/child-channel.js';
import { spreadOf } from '../measure/percentile.js';
import { IdleTunnels } from './idle-tunnels.js';
import type { Job, JobResult } from './job.js';
import { keepBusy, transfer } from './keep-busy.js';
import { keepPace } from './keep-pace.js';
import { openCold } from './open-cold.js';
import { OpenConnections } from './open-connections.js';
import { readStreams } from './read-streams.js';

const NOTHING: JobResult = { count: 0, seconds: 0, latencyMs: spreadOf([]) };
const idle = new IdleTunnels();
let opened: OpenConnections | null = null;

function connections(): OpenConnections {
  if (opened === null) throw new Error('no connections are open');
  return opened;
}

async function run(job: Job): Promise<JobResult> {
  switch (job.job) {
    case 'open':
      opened?.close();
      opened = await OpenConnections.open(job);
      return NOTHING;
    case 'close':
      opened?.close();
      opened = null;
      return NOTHING;
    case 'saturate':
      return keepBusy(connections(), job.seconds);
    case 'pace':
      return keepPace(connections(), job);
    case 'streams':
      return readStreams(connections());
    case 'transfer':
      return transfer(connections(), job.count);
    case 'cold':
      return openCold(job.tunnels);
    case 'hold':
      return idle.hold(job);
    case 'let-go':
      idle.letGo();
      return NOTHING;
  }
}

serveChannel(run);
