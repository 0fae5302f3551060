import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ActionPolicies } from './action-policies.js';
import { compileSource } from './compiled-policy.js';
import type { PolicyQuery } from './policy-query.js';

/** Small worlds, so that things often agree: what is compared is our reading of a policy and Cedar's own. */
const NAMES = ['a', 'b', 'User', 'x*y', 'ü'];
const name = fc.constantFrom(...NAMES);
const quoted = name.map((text) => JSON.stringify(text));
const uid = fc.oneof(
  name.map((id) => `User::${JSON.stringify(id)}`),
  name.map((id) => `Group::${JSON.stringify(id)}`),
  name.map((id) => `Connector::${JSON.stringify(id)}`),
  fc.constantFrom('Action::"act"', 'Action::"other"'),
);
const attribute = fc.constantFrom('method', 'host', 'approvals', 'arguments', 'agent', 'workspace', 'a', 'b', '"x y"');
const dotted = attribute.map((text) => (text.startsWith('"') ? `[${text}]` : `.${text}`));
const pattern = fc.constantFrom('"*"', '"a*"', '"*b"', '"a*b*"', '"x\\\\*y"', '"**"', '"ü*"', '""');

const { expression } = fc.letrec<{ expression: string; leaf: string }>((tie) => ({
  leaf: fc.oneof(
    quoted,
    fc.integer({ min: -3, max: 3 }).map(String),
    fc.constantFrom('true', 'false', 'principal', 'action', 'resource', 'context', 'context.arguments', '[]'),
    uid,
  ),
  expression: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    tie('leaf'),
    fc.tuple(tie('expression'), dotted).map(([left, name]) => `(${left})${name}`),
    fc.tuple(fc.constantFrom('context.arguments', 'principal', 'resource'), dotted).map((parts) => parts.join('')),
    fc.tuple(tie('expression'), attribute).map(([left, name]) => `((${left}) has ${name})`),
    fc.constantFrom('(context.arguments has a.b)', '(context has arguments.b.a)', '(principal has agent.a)'),
    fc
      .tuple(tie('expression'), fc.constantFrom('==', '!=', '<', '<=', '>', '>=', '&&', '||', 'in'), tie('expression'))
      .map(([left, operator, right]) => `((${left}) ${operator} (${right}))`),
    fc.tuple(tie('expression'), pattern).map(([left, text]) => `((${left}) like ${text})`),
    fc
      .tuple(tie('expression'), fc.constantFrom('User', 'Connector', 'Group'))
      .map(([left, type]) => `((${left}) is ${type})`),
    fc.tuple(tie('expression'), tie('expression')).map(([left, inside]) => `((${left}) is User in (${inside}))`),
    tie('expression').map((arg) => `(!(${arg}))`),
    fc.array(tie('expression'), { maxLength: 3 }).map((elements) => `[${elements.join(', ')}]`),
    fc
      .tuple(tie('expression'), fc.constantFrom('contains', 'containsAll', 'containsAny'), tie('expression'))
      .map(([left, method, right]) => `(${left}).${method}(${right})`),
    tie('expression').map((left) => `(${left}).isEmpty()`),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map(([a, b, c]) => `(if ${a} then ${b} else ${c})`),
  ),
}));

const scope = fc.record({
  principal: fc.oneof(
    fc.constantFrom('principal', 'principal is User', 'principal is Group'),
    uid.map((each) => `principal == ${each}`),
    uid.map((each) => `principal in ${each}`),
    uid.map((each) => `principal is User in ${each}`),
  ),
  action: fc.constantFrom(
    'action',
    'action == Action::"act"',
    'action in [Action::"act", Action::"b"]',
    'action in Action::"act"',
  ),
  resource: fc.oneof(
    fc.constantFrom('resource', 'resource is Connector'),
    uid.map((each) => `resource == ${each}`),
    uid.map((each) => `resource in ${each}`),
  ),
});
const clause = fc.tuple(fc.constantFrom('when', 'unless'), expression).map(([kind, body]) => `${kind} { ${body} }`);
const policy = fc
  .tuple(fc.constantFrom('permit', 'forbid'), scope, fc.array(clause, { maxLength: 2 }))
  .map(
    ([effect, { principal, action, resource }, clauses]) =>
      `${effect} (${principal}, ${action}, ${resource}) ${clauses.join(' ')};`,
  );

const json = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    name,
    fc.integer({ min: -3, max: 3 }),
    fc.boolean(),
    fc.constantFrom(null, 1.5, Number.MAX_SAFE_INTEGER),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('object'),
  ),
  object: fc.dictionary(fc.constantFrom('a', 'b', 'x y', 'agent', '__entity', '__extn', '__expr'), tie('value'), {
    maxKeys: 3,
  }),
}));

const query: fc.Arbitrary<PolicyQuery> = fc.record({
  principal: fc.record({ userId: name, agent: name, groups: fc.array(name, { maxLength: 2 }) }),
  action: fc.constantFrom('act', 'other'),
  resource: fc.record({ connector: name, host: name, workspace: fc.option(name, { nil: undefined }) }),
  context: fc.record({ method: name, host: name, egress: name, arguments: json.object }),
});

const sorted = ({ decision, policies, failed }: ReturnType<ActionPolicies['evaluate']>) => ({
  decision,
  policies: policies.toSorted(),
  failed: failed.toSorted(),
});

describe('a policy as a function', () => {
  it('decides, names and fails as Cedar does', () => {
    let native = 0;
    fc.assert(
      fc.property(
        fc.array(policy, { minLength: 1, maxLength: 4 }),
        query,
        fc.array(name),
        (texts, asked, approvals) => {
          const compiled = compileSource({ id: 's', layer: 'platform', cedar: texts.join('\n') });
          if (compiled.every((each) => each.native !== null)) native += 1;
          const policies = new ActionPolicies('fuzzed', compiled);
          expect(sorted(policies.evaluate(asked, approvals))).toEqual(
            sorted(policies.evaluateByCedar(asked, approvals)),
          );
        },
      ),
      { numRuns: 3_000 },
    );
    expect(native).toBeGreaterThan(2_900);
  });

  it('denies a request that is no text, instead of breaking Cedar off', () => {
    const policies = new ActionPolicies(
      'torn',
      compileSource({ id: 's', layer: 'platform', cedar: 'permit (principal, action, resource);' }),
    );
    const asked = {
      principal: { userId: 'a', agent: 'a', groups: [] },
      action: 'act',
      resource: { connector: 'a', host: 'a' },
      context: { method: 'a', host: 'a', egress: 'a', arguments: { a: ['\ud800'] } },
    };
    expect(policies.evaluate(asked, [])).toEqual({ decision: 'deny', policies: [], failed: ['(request)'] });
  });

  it.each([
    ['an extension function', 'ip("1.1.1.1").isIpv4()'],
    ['arithmetic, which can overflow', 'context.arguments.a + 1 > 2'],
    ['a record', '{"a": 1} == context.arguments'],
    ['a number that JavaScript cannot hold', 'context.arguments.a == 9007199254740993'],
  ])('is left to Cedar for %s', (_, condition) => {
    const [compiled] = compileSource({
      id: 's',
      layer: 'platform',
      cedar: `permit (principal, action, resource) when { ${condition} };`,
    });
    expect(compiled?.native).toBeNull();
  });
});
