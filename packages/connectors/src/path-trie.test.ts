import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PathTrie, segmentsOf } from './path-trie.js';

const trieOf = (templates: readonly string[]): PathTrie<string> => {
  const trie = new PathTrie<string>();
  for (const template of templates) trie.add(template, template);
  return trie;
};
const found = (templates: readonly string[], path: string): string[] =>
  trieOf(templates)
    .match(path)
    .map(({ value }) => value);

describe('path templates', () => {
  it('prefer what is literal', () => {
    const templates = ['/users/{id}', '/users/me', '/{kind}/{id}', '/users/{id}/posts'];
    expect(found(templates, '/users/me')).toEqual(['/users/me']);
    expect(found(templates, '/users/7')).toEqual(['/users/{id}']);
    expect(found(templates, '/teams/7')).toEqual(['/{kind}/{id}']);
    expect(found(templates, '/users')).toEqual([]);
    expect(found(templates, '/users/7/posts/')).toEqual([]);
  });

  it('are ambiguous where neither is more concrete', () => {
    expect(found(['/{a}/x', '/x/{b}'], '/x/x').toSorted()).toEqual(['/x/{b}', '/{a}/x']);
    expect(found(['/{a}/x', '/x/{b}', '/x/x'], '/x/x')).toEqual(['/x/x']);
    expect(found(['/{a}', '/{b}'], '/x')).toHaveLength(2);
  });

  it('do not match an empty segment, and give the parameters in their order', () => {
    expect(found(['/a/{id}'], '/a/')).toEqual([]);
    expect(trieOf(['/{a}/b/{c}']).match('/1/b/2')[0]?.parameters).toEqual(['1', '2']);
  });

  it('agree with a look at every template', () => {
    const segment = fc.constantFrom('a', 'b', 'c', '{p}');
    const template = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
    const path = fc
      .array(fc.constantFrom('a', 'b', 'z'), { minLength: 1, maxLength: 4 })
      .map((parts) => `/${parts.join('/')}`);
    fc.assert(
      fc.property(fc.uniqueArray(template, { maxLength: 20 }), path, (templates, target) => {
        expect(found(templates, target).toSorted()).toEqual(oracle(templates, target).toSorted());
      }),
      { numRuns: 1_000, seed: 7 },
    );
  });

  it('find one of twenty thousand', () => {
    const templates = Array.from({ length: 20_000 }, (_, i) => `/v1/group${i % 200}/{id}/action${i}/{name}`);
    const trie = trieOf(templates);
    for (let i = 0; i < 20_000; i += 37) {
      expect(trie.match(`/v1/group${i % 200}/x/action${i}/y`).map(({ value }) => value)).toEqual([templates[i]]);
    }
  });
});

/** Every template that fits, without those that another one beats. */
function oracle(templates: readonly string[], path: string): string[] {
  const target = segmentsOf(path);
  const literal = (template: string): boolean[] => segmentsOf(template).map((segment) => !segment.startsWith('{'));
  const fits = templates.filter((template) => {
    const segments = segmentsOf(template);
    return (
      segments.length === target.length &&
      segments.every((segment, i) => segment.startsWith('{') || segment === target[i])
    );
  });
  const beats = (a: string, b: string): boolean =>
    literal(a).every((own, i) => own || !literal(b)[i]) && literal(a).some((own, i) => own && !literal(b)[i]);
  return fits.filter((template) => !fits.some((other) => beats(other, template)));
}
