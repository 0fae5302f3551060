import { describe, expect, it } from '@jest/globals';
import { cedarSchema, compileConnector, defaultPolicies } from '@aileron/connectors';
import { PolicySet, type PolicyQuery } from './policy-set.js';
import type { PolicySource } from './policy-source.js';

const connector = compileConnector({
  name: 'demo',
  openapi: `
openapi: 3.1.0
servers: [{ url: https://api.demo.example }]
paths:
  /things:
    get: { operationId: list, parameters: [{ name: limit, in: query, schema: { type: integer } }] }
    post: { operationId: create, requestBody: { content: { application/json: { schema: { type: object, required: [name], properties: { name: { type: string }, amount: { type: integer } } } } } } }
    delete: { operationId: drop }
`,
  overlay: `
name: demo
version: 1.0.0
title: Demo
description: For tests.
credential: { kind: bearer, header: authorization, prefix: 'Bearer ', placeholder: demo_placeholder, environment: DEMO_TOKEN }
actions:
  - { name: list, title: List, description: List., effect: read, idempotent: true, approval: allow, operationId: list }
  - { name: create, title: Create, description: Create., effect: write, idempotent: false, approval: ask, operationId: create }
  - { name: drop, title: Drop, description: Drop., effect: write, idempotent: true, approval: deny, operationId: drop }
`,
});
const schema = cedarSchema([connector]);

const compile = (...more: PolicySource[]): PolicySet =>
  PolicySet.compile({
    tenantId: 'ten_local',
    version: 3,
    issuedAt: '2026-01-01T00:00:00Z',
    schema,
    policies: [...defaultPolicies([connector]), ...more],
  });
const platform = (cedar: string, layer: PolicySource['layer'] = 'platform'): PolicySource => ({
  id: 'home/x.cedar',
  layer,
  cedar,
});
const query = (action: string, args: Record<string, unknown> = {}, over: Partial<PolicyQuery> = {}): PolicyQuery => ({
  principal: { userId: 'usr_local', agent: 'fake', groups: ['engineering'] },
  action,
  resource: { connector: 'demo', host: 'api.demo.example' },
  context: { method: 'POST', host: 'api.demo.example', egress: 'credentialed', arguments: args },
  ...over,
});

describe('a policy set', () => {
  it('allows, asks and denies as the connector marks', () => {
    const set = compile();
    expect(set.version).toBe(3);
    expect(set.decide(query('demo.list'))).toEqual({ verdict: 'allow', policies: ['connector/demo/demo-permit'] });
    expect(set.decide(query('demo.create', { name: 'a' }))).toMatchObject({
      verdict: 'ask',
      rules: [{ rule: 'demo.create', approvers: ['owner'], quorum: 1, ttlSeconds: 900 }],
    });
    expect(set.decide(query('demo.create', { name: 'a' }, { approvals: ['demo.create'] }))).toMatchObject({
      verdict: 'allow',
    });
    expect(set.decide(query('demo.drop'))).toMatchObject({ verdict: 'deny', rule: 'default' });
    expect(set.decide(query('demo.unheard_of'))).toMatchObject({ verdict: 'deny', rule: 'default' });
  });

  it('lets a forbid beat every permit and every approval, and names it', () => {
    const set = compile(
      platform(
        '@id("no-create") forbid (principal, action == Action::"demo.create", resource) when { context.arguments has amount && context.arguments.amount > 100 };',
      ),
    );
    expect(set.decide(query('demo.create', { name: 'a', amount: 5 }))).toMatchObject({ verdict: 'ask' });
    expect(set.decide(query('demo.create', { name: 'a', amount: 500 }, { approvals: ['demo.create'] }))).toMatchObject({
      verdict: 'deny',
      rule: 'home/x.cedar/no-create',
    });
  });

  it('asks once for each rule that stands in the way', () => {
    const set = compile(
      platform(
        '@ask("second") @approvers("finance, lead") @quorum("2") @ttl("60") forbid (principal, action == Action::"demo.create", resource) unless { context.approvals.contains("second") };',
      ),
    );
    const decision = set.decide(query('demo.create', { name: 'a' }));
    expect(
      decision.verdict === 'ask' && decision.rules.map(({ rule, quorum, approvers }) => ({ rule, quorum, approvers })),
    ).toEqual(
      expect.arrayContaining([
        { rule: 'demo.create', quorum: 1, approvers: ['owner'] },
        { rule: 'second', quorum: 2, approvers: ['finance', 'lead'] },
      ]),
    );
    expect(set.decide(query('demo.create', { name: 'a' }, { approvals: ['demo.create'] }))).toMatchObject({
      verdict: 'ask',
      rules: [{ rule: 'second' }],
    });
  });

  it('does not ask where an approval would not help', () => {
    const set = compile(
      platform('@ask("never") forbid (principal, action, resource) unless { context.approvals.contains("other") };'),
    );
    expect(set.decide(query('demo.list'))).toMatchObject({ verdict: 'deny' });
  });

  it('denies when a rule cannot be evaluated, where Cedar would skip it', () => {
    const set = compile(
      platform(
        'forbid (principal, action == Action::"demo.list", resource) when { context.arguments has limit && context.arguments.limit + 9223372036854775807 > 0 };',
      ),
    );
    expect(set.decide(query('demo.list', { limit: 5 }))).toMatchObject({ verdict: 'deny', rule: 'evaluation-error' });
    expect(set.decide(query('demo.list'))).toMatchObject({ verdict: 'allow' });
  });

  it('does not let an agent write entities into its arguments', () => {
    const set = compile(
      platform('forbid (principal, action == Action::"demo.create", resource) when { context.arguments has name };'),
    );
    const args = JSON.parse('{"name":{"__entity":{"type":"User","id":"root"}}}') as Record<string, unknown>;
    expect(set.decide(query('demo.create', args))).toMatchObject({ verdict: 'ask' });
    expect(set.decide(query('demo.create', { name: 'x' }))).toMatchObject({ verdict: 'deny' });
  });

  it.each([
    ['a syntax error', platform('permit (principal'), 'home/x.cedar'],
    [
      'an attribute the schema does not have',
      platform('forbid (principal, action == Action::"demo.list", resource) when { context.arguments.nonsense };'),
      'home/x.cedar/0',
    ],
    [
      'an action the schema does not have',
      platform('forbid (principal, action == Action::"demo.lits", resource);'),
      'home/x.cedar/0',
    ],
    ['a permit below the team', platform('permit (principal, action, resource);', 'session'), 'home/x.cedar/0'],
    ['ask on a permit', platform('@ask("x") permit (principal, action, resource);'), 'home/x.cedar/0'],
    [
      'an unreadable annotation',
      platform('@ask("x") @ttl("soon") forbid (principal, action, resource);'),
      'home/x.cedar/0',
    ],
    [
      'the same id twice',
      platform('@id("a") forbid (principal, action, resource); @id("a") forbid (principal, action, resource);'),
      'home/x.cedar/a',
    ],
  ])('refuses %s and names the policy', (_, source, policy) => {
    expect(() => compile(source)).toThrow(
      expect.objectContaining({ code: 'POLICY_INVALID', details: expect.objectContaining({ policy }) }),
    );
  });

  it('permits nothing when it holds nothing', () => {
    const empty = PolicySet.compile({
      tenantId: 'ten_local',
      version: 1,
      issuedAt: '2026-01-01T00:00:00Z',
      schema,
      policies: [],
    });
    expect(empty.decide(query('demo.list'))).toMatchObject({ verdict: 'deny', rule: 'default' });
  });
});

describe('a thousand policies', () => {
  const many: PolicySource[] = Array.from({ length: 1_000 }, (_, i) => ({
    id: `home/${i}`,
    layer: 'platform',
    cedar: `forbid (principal == User::"usr_${i}", action == Action::"demo.${i % 2 === 0 ? 'list' : 'create'}", resource);`,
  }));

  it('decide as each of them says, and a decision looks only at those of its operation', () => {
    const set = compile(...many);
    const as = (userId: string, action: string) =>
      set.decide({ ...query(action), principal: { userId, agent: 'fake', groups: [] } }).verdict;
    expect(as('usr_500', 'demo.list')).toBe('deny');
    expect(as('usr_501', 'demo.list')).toBe('allow');
    expect(as('usr_501', 'demo.create')).toBe('deny');
    expect(set.relevantTo('demo.list')).toHaveLength(501);
  });
});
