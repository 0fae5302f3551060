interface Node<T> {
  readonly literal: Map<string, Node<T>>;
  parameter: Node<T> | undefined;
  readonly values: { readonly template: string; readonly value: T }[];
}

export interface PathMatch<T> {
  readonly value: T;
  readonly template: string;
  /** Values of the template's parameters, in their order. */
  readonly parameters: readonly string[];
  /** For each segment, whether it was matched literally. */
  readonly literal: readonly boolean[];
}

const newNode = <T>(): Node<T> => ({ literal: new Map(), parameter: undefined, values: [] });
export const segmentsOf = (path: string): string[] => path.split('/').slice(1);

/** Path templates of one host and method, by segment. */
export class PathTrie<T> {
  private readonly root = newNode<T>();

  add(template: string, value: T): void {
    let node = this.root;
    for (const segment of segmentsOf(template)) {
      if (segment.startsWith('{')) node = node.parameter ??= newNode();
      else {
        const next = node.literal.get(segment) ?? newNode<T>();
        node.literal.set(segment, next);
        node = next;
      }
    }
    node.values.push({ template, value });
  }

  /**
   * The most concrete matches: those that no other match beats by being literal wherever it is, and once more. More than
   * one is an ambiguity for the caller to refuse.
   */
  match(path: string): PathMatch<T>[] {
    const found: PathMatch<T>[] = [];
    walk(this.root, segmentsOf(path), 0, [], found);
    if (found.length <= 1) return found;
    return found.filter((candidate) => !found.some((other) => other !== candidate && isMoreConcrete(other, candidate)));
  }
}

function walk<T>(
  node: Node<T>,
  segments: readonly string[],
  at: number,
  literal: readonly boolean[],
  found: PathMatch<T>[],
): void {
  const segment = segments[at];
  if (segment === undefined) {
    for (const { template, value } of node.values) {
      const parameters = segments.filter((_, index) => !literal[index]);
      found.push({ value, template, parameters, literal });
    }
    return;
  }
  const next = node.literal.get(segment);
  if (next) walk(next, segments, at + 1, [...literal, true], found);
  if (node.parameter && segment !== '') walk(node.parameter, segments, at + 1, [...literal, false], found);
}

function isMoreConcrete(a: PathMatch<unknown>, b: PathMatch<unknown>): boolean {
  return (
    a.literal.every((literal, index) => literal || !b.literal[index]) &&
    a.literal.some((literal, index) => literal && !b.literal[index])
  );
}
