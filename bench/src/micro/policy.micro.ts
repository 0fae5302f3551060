import { source } from '@aileron/connector-linear';
import { cedarSchema, compileConnector, defaultPolicies } from '@aileron/connectors';
import { PolicySet, type PolicyQuery } from '@aileron/policy';
import type { MicroFigure } from './micro-figure.js';
import { timeEach } from './time-each.js';

const query: PolicyQuery = {
  principal: { userId: 'usr_local', agent: 'claude', groups: ['engineering'] },
  action: 'linear.list_issues',
  resource: { connector: 'linear', host: 'api.linear.app' },
  context: { method: 'POST', host: 'api.linear.app', egress: 'owned', arguments: { first: 10 } },
};

/** Rules of an organisation: half of them each for one action, half for every action of some team. */
function rule(n: number, actions: readonly string[]): string {
  const action = actions[n % actions.length] ?? '';
  return n % 2 === 0
    ? `@id("rule-${n}") forbid (principal, action == Action::"${action}", resource) when { context.host == "h${n}.example" };`
    : `@id("rule-${n}") forbid (principal in Group::"team-${n}", action == Action::"${action}", resource);`;
}

/** A decision over so many policies of an organisation beside the connector's own. */
export async function measurePolicy(count: number): Promise<MicroFigure[]> {
  const connector = compileConnector(source);
  const actions = connector.operations.map(({ name }) => name);
  const figures: MicroFigure[] = [];
  for (const policies of [5, 1_000]) {
    const rules = Array.from({ length: policies }, (_, n) => rule(n, actions)).join('\n');
    const set = PolicySet.compile({
      tenantId: 'ten_local',
      version: 1,
      issuedAt: new Date().toISOString(),
      schema: cedarSchema([connector]),
      policies: [...defaultPolicies([connector]), { id: 'bench.cedar', layer: 'platform', cedar: rules }],
    });
    if (set.decide(query).verdict !== 'allow') throw new Error('the policies of the bench must allow');
    figures.push(
      await timeEach({ name: `decide, ${policies.toLocaleString('en')} policies`, count }, () => set.decide(query)),
    );
  }
  return figures;
}
