export type Labels = Readonly<Record<string, string>>;

/** What a metric says of itself. */
export interface Exposed {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
}

export interface Sample {
  /** The metric's own when absent. */
  readonly metricName?: string;
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  /** Written after the others. */
  readonly sharedLabels?: Labels;
}

/** The form in which prom-client's registry takes a metric's values. */
export const exposed = ({ name, help }: Exposed, type: 'counter' | 'histogram', values: readonly Sample[]) => ({
  name,
  help,
  type,
  values,
  aggregator: 'sum',
});

/** One text for one set of labels. @throws TypeError for a label that the metric has not declared */
export function keyOf(names: readonly string[], labels: Labels): string {
  let key = '';
  let found = 0;
  for (const name of names) {
    const value = labels[name];
    if (value !== undefined) found += 1;
    key += `${value ?? ''}\0`;
  }
  for (const _ in labels) found -= 1;
  if (found !== 0) throw new TypeError(`labels are ${names.join(', ')}`);
  return key;
}
