// Values for a JSON schema: some that fit it, some that do not, by a seed.
type Schema = Readonly<Record<string, unknown>>;

const ODD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  1.5,
  '',
  ' ',
  '\u0000',
  '../../etc/passwd',
  '__proto__',
  "';--",
  '\ud800',
  '😀'.repeat(100),
  'a'.repeat(5_000),
  [],
  {},
  [[[[]]]],
  { __proto__: null, constructor: 1 },
];

export class HostileValues {
  constructor(private readonly random: () => number) {}

  chance(of: number): boolean {
    return this.random() < of;
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)] as T;
  }

  /** Fits the schema as far as it is read here; each part is odd with that chance. */
  valueOf(schema: Schema, odd: number): unknown {
    if (this.chance(odd)) return this.pick(ODD);
    if (schema['const'] !== undefined) return schema['const'];
    if (Array.isArray(schema['enum'])) return this.pick(schema['enum'] as unknown[]);
    const several = schema['anyOf'] ?? schema['oneOf'];
    if (Array.isArray(several)) return this.valueOf(this.pick(several as Schema[]), odd);
    switch (schema['type']) {
      case 'object':
        return this.#object(schema, odd);
      case 'array':
        return Array.from({ length: Math.floor(this.random() * 3) }, () =>
          this.valueOf(schema['items'] as Schema, odd),
        );
      case 'integer':
      case 'number':
        return this.#number(schema);
      case 'boolean':
        return this.chance(0.5);
      case 'string':
        return this.#text(schema);
      default:
        return this.pick(ODD);
    }
  }

  #object({ properties = {}, required = [] }: Schema, odd: number): Record<string, unknown> {
    const wanted = new Set(required as string[]);
    const entries = Object.entries(properties as Record<string, Schema>)
      .filter(([name]) => (wanted.has(name) ? !this.chance(odd / 2) : this.chance(0.4)))
      .map(([name, own]) => [name, this.valueOf(own, odd)] as const);
    return Object.fromEntries(this.chance(odd / 2) ? [...entries, ['unknown', 1]] : entries);
  }

  #number({ minimum, maximum }: Schema): number {
    const low = typeof minimum === 'number' ? minimum : -10;
    const high = typeof maximum === 'number' ? Math.min(maximum, low + 1_000) : low + 1_000;
    return Math.floor(low + this.random() * (high - low));
  }

  #text({ format, minLength }: Schema): string {
    if (format === 'uuid') return '3f0c1a52-7f6e-4a08-9c36-0d5b4a1f9e77';
    const letters = 'abcdefghij-0123456789';
    const length = Math.max(typeof minLength === 'number' ? minLength : 0, 1 + Math.floor(this.random() * 20));
    return Array.from({ length }, () => letters[Math.floor(this.random() * letters.length)]).join('');
  }
}
