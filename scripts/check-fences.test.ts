import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { checkWorkspace, RULES } from './fences/check-workspace.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'fences-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const PACKAGES: Readonly<Record<string, string>> = {
  'apps/cli': 'app',
  'apps/proxy': 'app',
  'apps/mgmt-plane': 'app',
  'packages/contracts': 'contract',
  'packages/policy': 'kernel',
  'packages/vault': 'kernel',
  'packages/tls': 'kernel-node',
  'packages/egress': 'platform',
  'packages/database': 'platform',
  'packages/testing': 'test',
  'packages/ui': 'ui',
  'apps/web': 'web',
};

let trees = 0;
/** A small house in which nothing is wrong, and the given files. */
function plant(files: Readonly<Record<string, string>>): string {
  const tree = join(root, `${trees++}`);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  };
  for (const [folder, tag] of Object.entries(PACKAGES)) {
    const name = `@aileron/${folder.split('/')[1]}`;
    write(`${folder}/package.json`, JSON.stringify({ name, exports: { '.': { default: './dist/index.js' } } }));
    write(`${folder}/turbo.json`, JSON.stringify({ tags: [tag] }));
    write(`${folder}/src/index.ts`, `export { a } from './a.js';\n`);
    write(`${folder}/src/a.ts`, 'export const a = 1;\n');
  }
  for (const [path, text] of Object.entries(files)) write(path, text);
  return tree;
}

/** One file that breaks the rule, once for each way of breaking it. */
const PLANTED: Readonly<Record<string, readonly (readonly [path: string, text: string])[]>> = {
  'kernel-is-pure': [
    ['packages/vault/src/b.ts', `import { readFileSync } from 'node:fs';\nexport const b = readFileSync;`],
    ['packages/vault/src/b.ts', `import { readFileSync } from 'fs';\nexport const b = readFileSync;`],
    ['packages/vault/src/b.ts', `import { Module } from '@nestjs/common';\nexport const b = Module;`],
    ['packages/contracts/src/b.ts', `export const b = async () => import('bullmq');`],
    ['packages/vault/src/b.ts', `export const b = Buffer.from('a');`],
  ],
  'kernel-node-is-narrow': [
    ['packages/tls/src/b.ts', `export * as b from 'node:fs';\nexport const c = 1;`],
    ['packages/tls/src/b.ts', `import { PrismaClient } from '@nestjs/core';\nexport const b = PrismaClient;`],
  ],
  'layers-point-down': [
    ['apps/web/src/b.ts', `import { a } from '@aileron/egress';\nexport const b = a;`],
    ['apps/web/src/b.ts', `import { a } from '@aileron/policy';\nexport const b = a;`],
    ['apps/web/src/b.ts', `import { a } from '@aileron/tls';\nexport const b = a;`],
    ['packages/ui/src/b.ts', `import { a } from '@aileron/vault';\nexport const b = a;`],
    ['packages/contracts/src/b.ts', `import { a } from '@aileron/vault';\nexport const b = a;`],
    ['packages/vault/src/b.ts', `import { a } from '@aileron/tls';\nexport const b = a;`],
    ['packages/tls/src/b.ts', `import type { a } from '@aileron/egress';\nexport type B = typeof a;`],
    ['packages/egress/src/b.ts', `import { a } from '@aileron/testing';\nexport const b = a;`],
    ['apps/proxy/src/b.ts', `import { a } from '@aileron/testing';\nexport const b = a;`],
  ],
  'apps-are-islands': [
    ['apps/proxy/src/b.ts', `import { a } from '@aileron/mgmt-plane/service';\nexport const b = a;`],
    ['apps/cli/src/b.ts', `import { a } from '@aileron/mgmt-plane';\nexport const b = a;`],
    ['apps/cli/src/b.ts', `import type { a } from '@aileron/proxy/internals';\nexport type B = typeof a;`],
  ],
  'packages-have-doors': [
    ['apps/proxy/src/b.ts', `import { a } from '@aileron/vault/dist/a.js';\nexport const b = a;`],
    ['apps/proxy/src/b.ts', `import { a } from '../../mgmt-plane/src/a.js';\nexport const b = a;`],
    ['apps/proxy/src/b.ts', `import { a } from '../../../packages/vault/dist/index.js';\nexport const b = a;`],
    ['scripts/b.ts', `import { a } from '../packages/vault/dist/a.js';\nexport const b = a;`],
    ['scripts/b.ts', `import { a } from '../packages/vault/src/index.ts';\nexport const b = a;`],
    ['scripts/b.ts', `import { a } from '../apps/proxy/dist/index.js';\nexport const b = a;`],
  ],
  'prisma-in-repositories': [
    [
      'apps/mgmt-plane/src/b.service.ts',
      `import { PrismaClient } from '@prisma/client';\nexport const b = PrismaClient;`,
    ],
    [
      'apps/mgmt-plane/src/b.service.ts',
      `export const b = (db: Db) => db.$queryRaw;\ninterface Db { $queryRaw: unknown }`,
    ],
    [
      'apps/mgmt-plane/src/b.service.ts',
      `export class B { constructor(database) { this.database = database; }\n  all = () => this.database.prisma; }`,
    ],
  ],
  'environment-in-config': [
    ['apps/proxy/src/b.ts', `export const b = process.env['HOME'];`],
    ['apps/proxy/src/b.ts', `export const b = process['env'];`],
    ['apps/proxy/src/b.ts', `const { env } = process;\nexport const b = env;`],
    ['apps/proxy/src/b.ts', `import { env } from 'node:process';\nexport const b = env;`],
    ['apps/proxy/src/b.ts', `import process from 'node:process';\nexport const b = process.env;`],
  ],
  'cryptography-at-home': [
    ['apps/proxy/src/b.ts', `import { createCipheriv } from 'node:crypto';\nexport const b = createCipheriv;`],
    ['apps/proxy/src/b.ts', `import * as crypto from 'node:crypto';\nexport const b = () => crypto.createSign('x');`],
    [
      'apps/proxy/src/b.ts',
      `export const b = () => globalThis.crypto.subtle.encrypt('x', k, d);\ndeclare const k: CryptoKey, d: Uint8Array;`,
    ],
    ['apps/proxy/src/b.ts', `import { CipherSuite } from '@hpke/core';\nexport const b = CipherSuite;`],
  ],
  'outbound-through-egress': [
    ['apps/mgmt-plane/src/b.ts', `export const b = () => fetch('https://example.com');`],
    ['apps/mgmt-plane/src/b.ts', `export const b = () => globalThis.fetch('https://example.com');`],
    ['apps/proxy/src/record/b.ts', `import { connect } from 'node:net';\nexport const b = connect;`],
    ['apps/proxy/src/record/b.ts', `import https from 'node:https';\nexport const b = () => https.request('x');`],
    ['apps/proxy/src/record/b.ts', `export { request as b } from 'undici';\nexport const c = 1;`],
  ],
  'files-are-short': [['apps/proxy/src/b.ts', 'export {};\n'.repeat(401)]],
  'no-any': [
    ['apps/proxy/src/b.ts', `export const b = (a: any) => a;`],
    ['apps/proxy/src/b.test.ts', `export const b = 1 as any;`],
  ],
  'no-enum': [['apps/proxy/src/b.ts', `export enum B { A }`]],
  'no-barrels': [['apps/proxy/src/hold/index.ts', `export { a } from './b.js';\nexport * from './c.js';`]],
  'files-have-nouns': [
    ['apps/proxy/src/utils.ts', 'export const b = 1;'],
    ['apps/proxy/src/helpers/b.ts', 'export const b = 1;'],
    ['apps/proxy/src/bigName.ts', 'export const b = 1;'],
  ],
};

describe('the fences', () => {
  it('let a house pass in which nothing is wrong', () => {
    const tree = plant({
      'packages/vault/src/a.test.ts': `import { readFileSync } from 'node:fs';\nexport const b = readFileSync;`,
      'packages/tls/src/b.ts': `import { createHash } from 'node:crypto';\nexport const b = createHash;`,
      'packages/database/src/b.ts': `import { PrismaClient } from '@prisma/client';\nexport const b = PrismaClient;`,
      'apps/mgmt-plane/src/b.repository.ts': `import { PrismaClient } from '@prisma/client';\nexport const b = PrismaClient;`,
      'apps/cli/src/b.ts': `import { a } from '@aileron/proxy/service';\nexport const b = a;`,
      'apps/cli/src/demo/b.ts': `import { a } from '@aileron/testing';\nexport const b = a;`,
      'apps/proxy/src/listener/b.ts': `import { type Socket } from 'node:net';\nexport type B = Socket;`,
      'apps/proxy/src/b.test.ts': `import { a } from '@aileron/testing';\nexport const b = a;`,
      'apps/proxy/src/upstream/b.ts': `import { connect } from 'node:tls';\nexport const b = connect;`,
      'apps/proxy/src/b.ts': `const fetch = () => 1;\nexport const b = fetch();`,
      'scripts/b.ts': `import { a } from '../packages/vault/dist/index.js';\nexport const b = a;`,
    });
    expect(checkWorkspace(tree).findings).toEqual([]);
  });

  it('have a planted violation for each rule', () => {
    expect(Object.keys(PLANTED)).toEqual(RULES.map(({ name }) => name));
  });

  for (const [rule, plantings] of Object.entries(PLANTED)) {
    it(`catch each way to break ${rule}`, () => {
      for (const [path, text] of plantings) {
        const findings = checkWorkspace(plant({ [path]: text })).findings.map((finding) => [
          finding.rule,
          finding.path,
        ]);
        expect({ text: text.slice(0, 100), findings }).toEqual({ text: text.slice(0, 100), findings: [[rule, path]] });
      }
    });
  }

  it('fail when there was nothing to check, a layer is missing, or a package has no tag', () => {
    expect(() => checkWorkspace(join(root, 'nowhere'))).toThrow('nothing was checked');
    const bare = plant({});
    for (const kernel of ['policy', 'vault']) rmSync(join(bare, 'packages', kernel), { recursive: true });
    expect(() => checkWorkspace(bare)).toThrow('tagged kernel');
    expect(() => checkWorkspace(plant({ 'apps/cli/turbo.json': '{}' }))).toThrow('apps/cli/turbo.json gives no tag');
    expect(() => checkWorkspace(plant({ 'apps/cli/src/b.ts': 'const = 1;' }))).toThrow('does not parse');
  });
});
