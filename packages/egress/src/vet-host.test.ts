import { describe, expect, it } from '@jest/globals';
import type { Resolver } from './resolver.port.js';
import { vetHost } from './vet-host.js';

/** Answers in turn, and counts: what is asked twice can be answered differently. */
class ScriptedResolver implements Resolver {
  asked: string[] = [];
  constructor(private readonly answers: readonly (readonly string[])[]) {}
  resolve = async (host: string): Promise<readonly string[]> => {
    this.asked.push(host);
    return this.answers[Math.min(this.asked.length, this.answers.length) - 1] ?? [];
  };
}

const signal = new AbortController().signal;
const vet = (host: string, answer: readonly string[] = ['93.184.215.14'], rest: object = {}) =>
  vetHost({ host, port: 443, resolver: new ScriptedResolver([answer]), signal, ...rest });
const refused = { code: 'DESTINATION_REFUSED' };

describe('a destination', () => {
  it('is the first address of an answer that is public throughout, asked for once', async () => {
    const resolver = new ScriptedResolver([['93.184.215.14', '2606:4700::6810:84e5'], ['127.0.0.1']]);
    expect(await vetHost({ host: 'Example.COM.', port: 443, resolver, signal })).toBe('93.184.215.14');
    expect(resolver.asked).toEqual(['example.com']);
  });

  it('is refused at the second answer of a rebinding name', async () => {
    const resolver = new ScriptedResolver([['93.184.215.14'], ['169.254.169.254']]);
    await vetHost({ host: 'rebind.example.com', port: 443, resolver, signal });
    await expect(vetHost({ host: 'rebind.example.com', port: 443, resolver, signal })).rejects.toMatchObject(refused);
  });

  it.each([
    ['public first, private second', ['93.184.215.14', '10.0.0.1']],
    ['A good, AAAA bad', ['93.184.215.14', 'fd00::1']],
    ['mapped', ['::ffff:127.0.0.1']],
    ['NAT64 of a private one', ['64:ff9b::a00:1']],
    ['not an address', ['93.184.215.14', 'localhost']],
    ['in unusual notation', ['0x5db8d70e']],
    ['more than anybody needs', Array.from({ length: 65 }, () => '93.184.215.14')],
  ])('is refused when the answer is %s', async (_, answer) => {
    await expect(vet('example.com', answer)).rejects.toMatchObject(refused);
  });

  it.each([
    'localhost',
    'a.localhost',
    'LOCALHOST.',
    'printer.local',
    'metadata.google.internal',
    'host.docker.internal',
    'gateway.docker.internal',
    'kubernetes.default.svc',
    'kubernetes.default',
    'api.kubernetes.default.svc.cluster.local',
    'postgres',
    'redis.',
    'router.home.arpa',
    '1.0.0.127.in-addr.arpa',
  ])('named %s is refused before anybody is asked', async (host) => {
    const resolver = new ScriptedResolver([['93.184.215.14']]);
    await expect(vetHost({ host, port: 443, resolver, signal })).rejects.toMatchObject(refused);
    expect(resolver.asked).toEqual([]);
  });

  it.each([
    '127.1',
    '0x7f.1',
    '0x08.0x08.0x08.0x08',
    '017700000001',
    '8.8.2056',
    '134744072',
    '0x8080808',
    '1.2.3.4.5',
    '256.1.1.1',
    'example.com..',
    '.example.com',
    'a..b.com',
    'a b.com',
    'a\0.com',
    'a.com\r\nx',
    'user@example.com',
    'example.com:443',
    'example.com/x',
    'exämple.com',
    '[::1]',
    'fe80::1%eth0',
    '::ffff:8.8.8.8',
    `${'a'.repeat(64)}.com`,
    `${'a.'.repeat(127)}com`,
    '',
  ])('%j is refused before anybody is asked', async (host) => {
    const resolver = new ScriptedResolver([['93.184.215.14']]);
    await expect(vetHost({ host, port: 443, resolver, signal })).rejects.toMatchObject(refused);
    expect(resolver.asked).toEqual([]);
  });

  it('is an address itself only when that is public', async () => {
    expect(await vet('1.1.1.1')).toBe('1.1.1.1');
    await expect(vet('127.0.0.1')).rejects.toMatchObject(refused);
    await expect(vet('169.254.169.254')).rejects.toMatchObject(refused);
  });

  it('behind a name that spells a metadata address is refused by what it resolves to', async () => {
    await expect(vet('169.254.169.254.nip.io', ['169.254.169.254'])).rejects.toMatchObject(refused);
  });

  it('is unreachable, not refused, when nobody knows it', async () => {
    await expect(vet('nobody.example.com', [])).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
    const resolver: Resolver = { resolve: () => Promise.reject(new Error('SERVFAIL')) };
    await expect(vetHost({ host: 'example.com', port: 443, resolver, signal })).rejects.toMatchObject({
      code: 'UPSTREAM_UNREACHABLE',
    });
  });

  it('is given up when the caller is, whatever the resolver does', async () => {
    const controller = new AbortController();
    const resolver: Resolver = { resolve: () => new Promise(() => setImmediate(() => controller.abort())) };
    const vetting = vetHost({ host: 'example.com', port: 443, resolver, signal: controller.signal });
    await expect(vetting).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
  });
});

describe('a declared destination', () => {
  const declared = [{ host: 'Wiki.corp', port: 8443 }];
  const vetDeclared = (host: string, port: number, answer: readonly string[]) => vet(host, answer, { port, declared });

  it.each(['10.1.2.3', '192.168.1.1', '100.64.0.1', 'fd00::1', '127.0.0.1'])(
    'may be the internal address %s',
    async (address) => {
      expect(await vetDeclared('wiki.corp', 8443, [address])).toBe(address);
    },
  );

  it.each([
    '169.254.169.254',
    '169.254.0.7',
    'fe80::1',
    '224.0.0.1',
    '0.0.0.0',
    'fd00:ec2::254',
    '::ffff:169.254.169.254',
  ])('is never %s', async (address) => {
    await expect(vetDeclared('wiki.corp', 8443, [address])).rejects.toMatchObject(refused);
    await expect(vetDeclared('wiki.corp', 8443, ['10.1.2.3', address])).rejects.toMatchObject(refused);
  });

  it('is that host on that port and nothing beside it', async () => {
    await expect(vetDeclared('wiki.corp', 443, ['10.1.2.3'])).rejects.toMatchObject(refused);
    await expect(vetDeclared('x.wiki.corp', 8443, ['10.1.2.3'])).rejects.toMatchObject(refused);
    await expect(vetDeclared('10.1.2.3', 8443, [])).rejects.toMatchObject(refused);
  });

  it.each([2375, 2376, 2379, 2380, 6443, 10250, 10255])('does not open the control port %i', async (port) => {
    const vetting = vet('wiki.corp', ['10.1.2.3'], { port, declared: [{ host: 'wiki.corp', port }] });
    await expect(vetting).rejects.toMatchObject(refused);
  });
});
