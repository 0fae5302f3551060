import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import type { ImportFact } from './source-facts.ts';
import { hasTag, isBelow, isInsideSandbox, type Rule, type Violation } from './rule.ts';

const FRAMEWORKS = /^(@nestjs\/|@prisma\/|prisma$|bullmq$|@nestjs$|pg$|fastify$|@grpc\/)/;
const KERNEL_NODE_MODULES = new Set([
  'node:crypto',
  'node:net',
  'node:tls',
  'node:child_process',
  'node:events',
  'node:stream',
]);
const KERNEL_NODE_GLOBALS = new Set([
  'Buffer',
  'process',
  'fetch',
  'WebSocket',
  'EventSource',
  'XMLHttpRequest',
  'require',
]);

const imported = (imports: readonly ImportFact[], refused: (specifier: string) => boolean): Violation[] =>
  imports
    .filter(({ specifier }) => refused(specifier))
    .map(({ specifier, line }) => ({ line, what: `imports ${specifier}` }));

export const kernelIsPure: Rule = {
  name: 'kernel-is-pure',
  why: 'Kernels and contracts run anywhere: no node: modules, no Node globals, no framework, no I/O.',
  check: (file) => {
    if (file.isTest || !hasTag(file, 'kernel', 'contract', 'connector')) return [];
    // A connector is data, and its package reads its own two files.
    const refused = (specifier: string) =>
      isBuiltin(specifier) && !(specifier === 'node:fs' && hasTag(file, 'connector'));
    const globals = file.globals.filter(({ name }) => KERNEL_NODE_GLOBALS.has(name));
    return [
      ...imported(file.imports, (specifier) => refused(specifier) || FRAMEWORKS.test(specifier)),
      ...globals.map(({ name, line }) => ({ line, what: `uses ${name}` })),
    ];
  },
};

export const kernelNodeIsNarrow: Rule = {
  name: 'kernel-node-is-narrow',
  why: 'A kernel-node package may use node:crypto, net, tls, child_process, events and stream, and no framework.',
  check: (file) => {
    if (file.isTest || isInsideSandbox(file) || !hasTag(file, 'kernel-node')) return [];
    const refused = (specifier: string) => isBuiltin(specifier) && !KERNEL_NODE_MODULES.has(specifier);
    return imported(file.imports, (specifier) => refused(specifier) || FRAMEWORKS.test(specifier));
  },
};

export const appsAreIslands: Rule = {
  name: 'apps-are-islands',
  why: 'No package imports an app; the cli alone may import `@aileron/<app>/service`.',
  check: (file, packages) => {
    const apps = packages.filter(({ folder, name }) => folder.startsWith('apps/') && name !== file.package.name);
    return imported(file.imports, (specifier) => {
      const app = apps.find(({ name }) => specifier === name || specifier.startsWith(`${name}/`));
      if (app === undefined) return false;
      return file.package.folder !== 'apps/cli' || specifier !== `${app.name}/service`;
    });
  },
};

/** The source that a built file of a package is made of; null for any other path. */
function sourceOf(path: string): string | null {
  const [, folder, name] = /^(packages\/[^/]+)\/dist\/(.+)\.js$/.exec(path) ?? [];
  return folder === undefined ? null : `${folder}/src/${name}.ts`;
}

export const packagesHaveDoors: Rule = {
  name: 'packages-have-doors',
  why: 'Another package is imported by its name and what it exports, never by a path into it.',
  check: (file, packages) =>
    imported(file.imports, (specifier) => {
      if (/^@aileron\/[^/]+\/(src|dist)(\/|$)/.test(specifier)) return true;
      if (!specifier.startsWith('.')) return false;
      const target = posix.join(posix.dirname(file.path), specifier);
      // The scripts are no package: a dependency of the root would make every build depend on it. They take a built door.
      if (hasTag(file, 'tooling') && packages.some(({ doors }) => doors.includes(sourceOf(target) ?? ''))) return false;
      return !target.startsWith(`${file.package.folder}/`);
    }),
};

export const prismaInRepositories: Rule = {
  name: 'prisma-in-repositories',
  why: 'Only *.repository.ts files and packages/database know Prisma.',
  check: (file) => {
    if (file.isTest || isBelow(file, 'packages/database') || file.path.endsWith('.repository.ts')) return [];
    // `database.prisma.account` is two members: database.prisma and prisma.account. Opening and closing are no queries.
    const raw = file.members.filter(({ name }) =>
      /^prisma\.(?!\$(dis)?connect$)|^(?!this\.).*\.prisma$|\.\$(queryRaw|executeRaw|transaction)/.test(name),
    );
    return [
      ...imported(file.imports, (specifier) =>
        /^(@prisma\/|prisma$|\.prisma)|\/generated\/(prisma|client)/.test(specifier),
      ),
      ...raw.map(({ name, line }) => ({ line, what: `uses ${name}` })),
    ];
  },
};

/** Who may import whom, by the tags in turbo.json. Tests may also use the testing package and each other's layer. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  kernel: ['contract', 'kernel'],
  connector: ['contract', 'kernel'],
  'kernel-node': ['contract', 'kernel', 'kernel-node'],
  platform: ['contract', 'kernel', 'kernel-node', 'platform'],
  test: ['contract', 'kernel', 'kernel-node', 'platform', 'connector'],
  app: ['contract', 'kernel', 'kernel-node', 'platform', 'connector', 'app'],
  ui: ['ui'],
  web: ['contract', 'ui'],
};

/** Kernels that the page runs: what a person decides is signed there, the audit is verified there, and streams end there. */
const IN_THE_PAGE = new Set(['vault', 'audit', 'live-stream'].map((name) => `@aileron/${name}`));

export const layersPointDown: Rule = {
  name: 'layers-point-down',
  why: 'contract ← kernel ← kernel-node ← platform ← app; only tests and the demo use the testing package, and the page a few kernels.',
  check: (file, packages) => {
    const allowed = file.package.tags.flatMap((tag) => LAYERS[tag] ?? []);
    // The demo plays other people's services for a person to see.
    if (isBelow(file, 'apps/cli/src/demo')) allowed.push('test');
    if (hasTag(file, 'tooling') || (file.isTest && !hasTag(file, 'test'))) return [];
    return imported(file.imports, (specifier) => {
      const owner = packages.find(({ name }) => specifier === name || specifier.startsWith(`${name}/`));
      if (owner === undefined || owner.name === file.package.name) return false;
      if (hasTag(file, 'web') && IN_THE_PAGE.has(owner.name)) return false;
      return !owner.tags.some((tag) => allowed.includes(tag));
    });
  },
};
