import { startAileron } from './aileron.contestant.js';
import { startBareNode } from './bare-node.contestant.js';
import type { Contestant, ContestantInput, ContestantName } from './contestant.js';
import { startDirect } from './direct.contestant.js';
import { startMitmproxy } from './mitmproxy.contestant.js';
import { startSquid } from './squid.contestant.js';

export function startContestant(name: ContestantName, input: ContestantInput): Promise<Contestant> {
  switch (name) {
    case 'direct':
      return startDirect(input);
    case 'squid':
      return startSquid(input);
    case 'mitmproxy':
      return startMitmproxy(input);
    case 'bare-node':
      return startBareNode(input);
    case 'aileron':
      return startAileron(input, { split: false });
    case 'aileron-split':
      return startAileron(input, { split: true });
  }
}
