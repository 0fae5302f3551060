/** A file that a generator writes, by its path from the root. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

/** The first line of a generated page. */
export const generatedNote = (from: string) => `<!-- Generated from ${from} by \`pnpm generate\`. Do not edit. -->`;
