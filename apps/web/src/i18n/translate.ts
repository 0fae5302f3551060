/** A text of the page with `{name}` replaced: `t('{count} files', { count })`. The English text is the key of a catalogue to come. */
export function t(text: string, values: Readonly<Record<string, string | number>> = {}): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
