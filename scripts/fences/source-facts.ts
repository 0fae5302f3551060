import { parseSync, Visitor, type ParseResult, type VisitorObject } from 'oxc-parser';

export interface ImportFact {
  readonly specifier: string;
  /** Nothing of it is there when the program runs. */
  readonly typeOnly: boolean;
  /** Names imported as values; '*' and 'default' stand for themselves. */
  readonly names: readonly string[];
  /** The names that a namespace or default import has here. */
  readonly namespaces: readonly string[];
  readonly line: number;
}

export interface PlacedName {
  readonly name: string;
  readonly line: number;
}

/** What the rules ask of one file, read once from its syntax tree. */
export interface SourceFacts {
  readonly lines: number;
  readonly imports: readonly ImportFact[];
  /** `object.property` of identifiers, also written `object['property']`. */
  readonly members: readonly PlacedName[];
  /** Identifiers that the file uses and nothing in it declares. */
  readonly globals: readonly PlacedName[];
  readonly anys: readonly number[];
  readonly enums: readonly number[];
  /** Re-exports and nothing else. */
  readonly isBarrel: boolean;
}

/** Throws for a file that does not parse: a file that was not read has not passed. */
export function readFacts(path: string, text: string): SourceFacts {
  const parsed = parseSync(path, text, { sourceType: 'module' });
  const [error] = parsed.errors;
  if (error) throw new Error(`${path} does not parse: ${error.message}`);
  const lineAt = lineFinder(text);
  const tree = readTree(parsed, lineAt);
  return { lines: text.split('\n').length - Number(text.endsWith('\n')), ...tree, isBarrel: isBarrel(parsed) };
}

type Tree = Pick<SourceFacts, 'imports' | 'members' | 'globals' | 'anys' | 'enums'>;

interface Found {
  readonly imports: ImportFact[];
  readonly members: PlacedName[];
  readonly used: PlacedName[];
  readonly declared: Set<string>;
  readonly anys: number[];
  readonly enums: number[];
}
type LineAt = (offset: number) => number;

function readTree(parsed: ParseResult, lineAt: LineAt): Tree {
  const found: Found = { imports: [], members: [], used: [], declared: new Set(), anys: [], enums: [] };
  new Visitor({
    ...importVisitor(found, lineAt),
    ...nameVisitor(found, lineAt),
    TSAnyKeyword: (node) => void found.anys.push(lineAt(node.start)),
    TSEnumDeclaration: (node) => void found.enums.push(lineAt(node.start)),
  }).visit(parsed.program);
  const { imports, members, used, declared, anys, enums } = found;
  const objects = members.map(({ name, line }) => ({ name: name.slice(0, name.indexOf('.')), line }));
  return { imports, members, anys, enums, globals: [...used, ...objects].filter(({ name }) => !declared.has(name)) };
}

function importVisitor({ imports, declared }: Found, lineAt: LineAt): VisitorObject {
  return {
    ImportDeclaration(node) {
      const values = node.specifiers.filter((s) => s.type !== 'ImportSpecifier' || s.importKind !== 'type');
      const typeOnly = node.importKind === 'type' || (values.length === 0 && node.specifiers.length > 0);
      const names = typeOnly
        ? []
        : values.map((s) => (s.type === 'ImportSpecifier' ? moduleName(s.imported) : importKind(s.type)));
      const namespaces = node.specifiers.filter((s) => s.type !== 'ImportSpecifier').map((s) => s.local.name);
      for (const { local } of node.specifiers) declared.add(local.name);
      imports.push({ specifier: node.source.value, typeOnly, names, namespaces, line: lineAt(node.start) });
    },
    ExportNamedDeclaration(node) {
      if (!node.source) return;
      const typeOnly = node.exportKind === 'type';
      const names = typeOnly
        ? []
        : node.specifiers.filter((s) => s.exportKind !== 'type').map(({ local }) => moduleName(local));
      imports.push({ specifier: node.source.value, typeOnly, names, namespaces: [], line: lineAt(node.start) });
    },
    ExportAllDeclaration(node) {
      imports.push({
        specifier: node.source.value,
        typeOnly: node.exportKind === 'type',
        names: ['*'],
        namespaces: [],
        line: lineAt(node.start),
      });
    },
    ImportExpression(node) {
      const specifier =
        node.source.type === 'Literal' && typeof node.source.value === 'string' ? node.source.value : '';
      imports.push({ specifier, typeOnly: false, names: ['*'], namespaces: [], line: lineAt(node.start) });
    },
  };
}

function nameVisitor({ members, used, declared }: Found, lineAt: LineAt): VisitorObject {
  return {
    MemberExpression(node) {
      const property = propertyName(node);
      const object = node.object.type === 'Identifier' ? node.object.name : outerName(node.object);
      if (property !== null && object !== null)
        members.push({ name: `${object}.${property}`, line: lineAt(node.start) });
    },
    VariableDeclarator(node) {
      for (const name of boundNames(node.id)) declared.add(name);
      // `const { env } = process` reads the same as `process.env`.
      if (node.init?.type !== 'Identifier' || node.id.type !== 'ObjectPattern') return;
      for (const property of node.id.properties) {
        const key = property.type === 'Property' && property.key.type === 'Identifier' ? property.key.name : null;
        if (key !== null) members.push({ name: `${node.init.name}.${key}`, line: lineAt(node.start) });
      }
    },
    FunctionDeclaration: (node) => void (node.id && declared.add(node.id.name)),
    ClassDeclaration: (node) => void (node.id && declared.add(node.id.name)),
    CallExpression: (node) => void (node.callee.type === 'Identifier' && used.push(place(node.callee, lineAt))),
    NewExpression: (node) => void (node.callee.type === 'Identifier' && used.push(place(node.callee, lineAt))),
  };
}

const place = (node: { name: string; start: number }, lineAt: (offset: number) => number): PlacedName => ({
  name: node.name,
  line: lineAt(node.start),
});

const moduleName = (node: { type: string; name?: string; value?: string }) => node.name ?? node.value ?? '';
const importKind = (type: string) => (type === 'ImportDefaultSpecifier' ? 'default' : '*');

interface Node {
  readonly type: string;
}
type Member = Node & { readonly computed: boolean; readonly property: Node & { name?: string; value?: unknown } };

function propertyName(node: Node): string | null {
  const { computed, property } = node as Member;
  if (!computed) return property.name ?? null;
  return property.type === 'Literal' && typeof property.value === 'string' ? property.value : null;
}

/** `crypto` of `globalThis.crypto`, `subtle` of `globalThis.crypto.subtle`. */
const outerName = (node: Node) => (node.type === 'MemberExpression' ? propertyName(node) : null);

function boundNames(pattern: Node): string[] {
  const node = pattern as Node & {
    name?: string;
    properties?: readonly (Node & { value?: Node; argument?: Node })[];
    elements?: readonly (Node | null)[];
    left?: Node;
    argument?: Node;
  };
  if (node.type === 'Identifier') return [node.name ?? ''];
  if (node.type === 'ObjectPattern')
    return (node.properties ?? []).flatMap((p) => boundNames(p.value ?? p.argument ?? p));
  if (node.type === 'ArrayPattern') return (node.elements ?? []).flatMap((e) => (e ? boundNames(e) : []));
  if (node.left) return boundNames(node.left);
  return node.argument ? boundNames(node.argument) : [];
}

function isBarrel({ program }: ParseResult): boolean {
  const isReExport = ({ type, ...node }: Node & { source?: unknown }) =>
    type === 'ExportAllDeclaration' || (type === 'ExportNamedDeclaration' && Boolean(node.source));
  return program.body.length > 0 && program.body.every(isReExport);
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) starts.push(i + 1);
  return (offset) => starts.findLastIndex((start) => start <= offset) + 1;
}
