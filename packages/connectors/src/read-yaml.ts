import { isAlias, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import { invalidConnector } from './invalid-connector.js';

const LONGEST_TEXT = 2 << 20;
const DEEPEST = 48;
const MOST_NODES = 200_000;

/**
 * A YAML text of a connector as plain data: strings, numbers, booleans, null, lists, maps. What lets a small text be a
 * large value, or one text be two values, is refused: aliases, tags, keys given twice, several documents.
 * @throws AileronError CONNECTOR_INVALID with the place
 */
export function readYaml(connector: string, part: string, text: string): unknown {
  if (text.length > LONGEST_TEXT) throw invalidConnector(connector, part, `is longer than ${LONGEST_TEXT} characters`);
  const document = parse(connector, part, text);
  return new PlainReader(connector).read(document, part, 0);
}

function parse(connector: string, part: string, text: string): unknown {
  try {
    // The library compares every key with every other: the reader below looks for duplicates.
    const document = parseDocument(text, {
      uniqueKeys: false,
      schema: 'core',
      strict: true,
      prettyErrors: false,
    });
    const [error] = [...document.errors, ...document.warnings];
    if (error !== undefined) throw error;
    return document.contents;
  } catch (cause) {
    throw invalidConnector(connector, part, 'is not one plain YAML document', cause);
  }
}

class PlainReader {
  private nodes = 0;

  constructor(private readonly connector: string) {}

  read(node: unknown, place: string, depth: number): unknown {
    this.nodes += 1;
    if (this.nodes > MOST_NODES) throw invalidConnector(this.connector, place, `has more than ${MOST_NODES} values`);
    if (depth > DEEPEST) throw invalidConnector(this.connector, place, `is deeper than ${DEEPEST}`);
    if (node === null) return null;
    if (isAlias(node)) throw invalidConnector(this.connector, place, 'is an alias');
    if (isSeq(node)) return node.items.map((item, index) => this.read(item, `${place}.${index}`, depth + 1));
    if (isMap(node)) {
      const entries = new Map<string, unknown>();
      for (const { key, value } of node.items) {
        const name = this.name(key, place);
        if (entries.has(name)) throw invalidConnector(this.connector, `${place}.${name}`, 'is given twice');
        entries.set(name, this.read(value, `${place}.${name}`, depth + 1));
      }
      return Object.fromEntries(entries);
    }
    if (isScalar(node) && node.tag === undefined && isPlain(node.value)) return node.value;
    throw invalidConnector(this.connector, place, 'is not plain data');
  }

  private name(key: unknown, place: string): string {
    // Numbers are keys of `responses`.
    const name =
      isScalar(key) && (typeof key.value === 'string' || typeof key.value === 'number') ? String(key.value) : null;
    if (name === null || name === '__proto__' || name === '<<')
      throw invalidConnector(this.connector, place, 'has a key that is not taken');
    return name;
  }
}

const isPlain = (value: unknown): boolean =>
  value === null ||
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  (typeof value === 'number' && Number.isFinite(value));
