const ACCENTS: Readonly<Record<string, string>> = {
  a: 'á',
  c: 'ç',
  e: 'é',
  i: 'î',
  n: 'ñ',
  o: 'ö',
  s: 'š',
  u: 'û',
  y: 'ý',
  z: 'ž',
  A: 'Å',
  E: 'É',
  O: 'Ö',
  U: 'Û',
};

/** The text with accents, in brackets and a third longer, as other languages are; `{name}` stays. */
export function pseudo(text: string): string {
  const accented = text.replaceAll(/\{\w+\}|[a-zA-Z]/g, (part) => ACCENTS[part] ?? part);
  return `⟦${accented}${'~'.repeat(Math.ceil(text.length / 3))}⟧`;
}
