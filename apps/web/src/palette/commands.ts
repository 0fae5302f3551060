/** Something that can be chosen by name. */
export interface Command {
  readonly id: string;
  readonly label: string;
  /** Where it leads or what it is of. */
  readonly hint: string;
  readonly run: () => void;
}

/** Commands that have every word, those that begin with the search first. */
export function findCommands(commands: readonly Command[], search: string): readonly Command[] {
  const words = search.toLowerCase().split(/\s+/u).filter(Boolean);
  const found = commands.filter(({ label, hint }) => {
    const text = `${label} ${hint}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const first = words[0] ?? '';
  return found.toSorted(
    (a, b) => Number(b.label.toLowerCase().startsWith(first)) - Number(a.label.toLowerCase().startsWith(first)),
  );
}
