export type Values = Readonly<Record<string, string | number>>;
/** Texts of one language by the English ones. */
export type Catalogue = Readonly<Record<string, string>>;

let translated: (text: string) => string = (text) => text;

/** Before anything of the page is loaded: its texts are looked up as it is. */
export function setTranslation(translate: (text: string) => string): void {
  translated = translate;
}

/** A text of the page with `{name}` replaced: `t('{count} files', { count })`. The English text is the key of the catalogues. */
export function t(text: string, values: Values = {}): string {
  return translated(text).replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
