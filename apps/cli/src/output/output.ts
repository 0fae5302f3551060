import { ERROR_TABLE, AileronError } from '@aileron/errors';

/** Where a command writes: people's text or one JSON value on stdout, everything else on stderr. */
export class Output {
  constructor(
    readonly json: boolean,
    private readonly stdout: NodeJS.WriteStream = process.stdout,
    private readonly stderr: NodeJS.WriteStream = process.stderr,
  ) {}

  /** One result: the value as JSON, or the lines for people. */
  result(value: unknown, lines: () => readonly string[]): void {
    if (this.json) this.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    else for (const line of lines()) this.stdout.write(`${line}\n`);
  }

  /** Progress for people: never part of the result. */
  note(line: string): void {
    this.stderr.write(`${line}\n`);
  }

  error(thrown: unknown): void {
    const error = AileronError.from(thrown);
    const { message, action } = ERROR_TABLE[error.code];
    if (this.json) {
      this.stdout.write(
        `${JSON.stringify({ error: { code: error.code, message, action, details: error.details } }, null, 2)}\n`,
      );
      return;
    }
    this.stderr.write(`${this.paint('31', 'error')} ${error.code}: ${message}\n`);
    for (const { field, message: reason } of error.fields) this.stderr.write(`  ${field}: ${reason}\n`);
    for (const [name, value] of Object.entries(error.details)) {
      if (name !== 'fields')
        this.stderr.write(`  ${name}: ${visible(typeof value === 'string' ? value : JSON.stringify(value))}\n`);
    }
    this.stderr.write(`${action}\n`);
  }

  /** SGR colour, only on a terminal. */
  paint(sgr: string, text: string): string {
    return this.stderr.isTTY && this.stdout.isTTY ? `\u001b[${sgr}m${text}\u001b[0m` : text;
  }
}

/** C0 and C1 controls, zero-width characters and bidirectional controls: what could hide or imitate text. */
const HIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** Text of an agent or an upstream, with everything that a terminal would act on or hide shown as an escape. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** Rows as aligned columns; the header is dropped when there are no rows. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const cells = [header, ...rows.map((row) => row.map(visible))];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  return cells.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
