import { describe, expect, it } from '@jest/globals';
import { canonicalHost } from '../parse/canonical-host.js';
import { type FirewallSettings } from '../ports/data-plane.port.js';
import { CompiledFirewall } from './compiled-firewall.js';

const listing = (...domains: string[]) => new CompiledFirewall({ networkAccess: true, mode: 'allowlist', domains });
/** As CONNECT asks: the host in its one spelling; what has none does not come this far. */
const passes = (firewall: CompiledFirewall, host: string, owned = false) => {
  const canonical = canonicalHost(host);
  return canonical !== null && firewall.allows(canonical, owned);
};

describe('an allowlist', () => {
  const firewall = listing('example.com', '*.example.org', 'xn--bcher-kva.example', '*.deep.example.net');

  it.each([
    'example.com',
    'EXAMPLE.com',
    'example.com.',
    'a.example.org',
    'a.b.c.example.org',
    'xn--bcher-kva.example',
  ])('lets %s pass', (host) => expect(passes(firewall, host)).toBe(true));

  it.each([
    // Look-alikes.
    'www.example.com',
    'example.com.evil.net',
    'evil-example.com',
    'evilexample.org',
    'example.co',
    'xample.com',
    // A wildcard is not its apex.
    'example.org',
    'example.org.',
    'deep.example.net',
    'example.net',
    '.example.org',
    'a.example.org.evil.net',
    // Other spellings of nothing.
    'example.com..',
    'ｅxample.com',
    'b\u00fccher.example',
    'xn--bcher-kva.example.org.example',
    'com',
    'org',
    '*.example.org',
    '',
    // Addresses.
    '127.0.0.1',
    '[::1]',
    '169.254.169.254',
  ])('refuses %j', (host) => expect(passes(firewall, host)).toBe(false));

  it('lets owned hosts pass beside those that are listed', () => {
    expect(passes(listing(), 'api.linear.app', true)).toBe(true);
    expect(passes(listing(), 'api.linear.app')).toBe(false);
  });

  it.each([
    '*',
    '*.',
    '*.com',
    'com',
    'EXAMPLE.com',
    'example.com.',
    '.example.com',
    '*.*.example.com',
    'a*.example.com',
  ])('takes no entry %j', (entry) => {
    const firewall = listing(entry);
    for (const host of ['example.com', 'a.example.com', 'a.b.example.com', 'com', 'x.com'])
      expect(passes(firewall, host)).toBe(false);
  });

  it.each(['127.0.0.1', '*.0.0.1', '::1', '[::1]', '*.1', '::ffff:10.0.0.1', '2001:db8::1', '203.0.113.9'])(
    'never takes an address for a name: %s',
    (entry) => {
      const firewall = listing(entry);
      for (const host of ['127.0.0.1', '10.0.0.1', '[::1]', '[2001:db8::1]', '[::ffff:10.0.0.1]', '203.0.113.9'])
        expect(passes(firewall, host)).toBe(false);
    },
  );
});

describe('the other settings', () => {
  const domains = ['example.com', '*.example.org'];

  it.each<[string, Partial<FirewallSettings>, boolean, boolean]>([
    ['mode deny: the owned hosts alone', { mode: 'deny' }, false, true],
    ['without network access: nothing', { networkAccess: false }, false, false],
    ['mode deny without network access: nothing', { mode: 'deny', networkAccess: false }, false, false],
  ])('%s', (_, change, listed, owned) => {
    const firewall = new CompiledFirewall({ networkAccess: true, mode: 'allowlist', domains, ...change });
    expect(passes(firewall, 'example.com')).toBe(listed);
    expect(passes(firewall, 'a.example.org')).toBe(listed);
    expect(passes(firewall, 'api.linear.app', true)).toBe(owned);
  });

  it('say which host was refused, and why', () => {
    const refusal = { code: 'FIREWALL_REFUSED', details: { host: 'a.example', reason: 'the host is not allowed' } };
    expect(() => listing().assertAllows('a.example', false)).toThrow(expect.objectContaining(refusal));
  });
});

it('a long list costs a request next to nothing', () => {
  const domains = Array.from({ length: 500 }, (_, i) => (i % 2 === 0 ? `h${i}.example.com` : `*.w${i}.example.com`));
  const firewall = listing(...domains);
  const hosts = ['h498.example.com', 'a.b.c.w499.example.com', 'a.b.c.d.e.f.g.h.nowhere.example', 'api.linear.app'];
  const startedAt = performance.now();
  let passed = 0;
  for (let i = 0; i < 200_000; i++) if (firewall.allows(hosts[i % 4] ?? '', false)) passed += 1;
  expect(passed).toBe(100_000);
  // It takes 60 ms; a list that is walked would take minutes.
  expect(performance.now() - startedAt).toBeLessThan(20_000);
});
