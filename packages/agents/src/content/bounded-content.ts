import { EVENT_LIMITS, type ToolInput } from '@aileron/contracts/agent-events';

const MAX_DEPTH = 8;
const MAX_ENTRIES = 200;

type Json = ToolInput[string];

/** The head and the tail of a text that is too long, and how many characters are missing between. */
export function boundedText(text: string, limit: number): { text: string; omitted: number } {
  if (text.length <= limit) return { text, omitted: 0 };
  const mark = '\n…\n';
  const half = Math.floor((limit - mark.length) / 2);
  return { text: `${text.slice(0, half)}${mark}${text.slice(-half)}`, omitted: text.length - 2 * half };
}

/** One line, cut. */
export function boundedTitle(text: string, limit: number = EVENT_LIMITS.title): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`;
}

/** A tool's input within the limit of an event; `truncated` when something of it is missing. */
export function boundedInput(value: Readonly<Record<string, unknown>>): { input: ToolInput; truncated: boolean } {
  const budget = { left: EVENT_LIMITS.input, truncated: false };
  const input = boundedRecord(value, budget, 0);
  return { input, truncated: budget.truncated };
}

interface Budget {
  left: number;
  truncated: boolean;
}

function boundedRecord(value: Readonly<Record<string, unknown>>, budget: Budget, depth: number): ToolInput {
  const entries = Object.entries(value);
  if (entries.length > MAX_ENTRIES) budget.truncated = true;
  return Object.fromEntries(
    entries
      .slice(0, MAX_ENTRIES)
      .map(([key, each]) => [boundedString(key, budget), boundedValue(each, budget, depth + 1)]),
  );
}

function boundedValue(value: unknown, budget: Budget, depth: number): Json {
  // Numbers, brackets and commas count too: they are written.
  budget.left -= 8;
  if (typeof value === 'string') return boundedString(value, budget);
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'boolean' || value === null) return value;
  if (typeof value !== 'object' || depth > MAX_DEPTH || budget.left <= 0) {
    budget.truncated = true;
    return null;
  }
  if (!Array.isArray(value)) return boundedRecord(value as Record<string, unknown>, budget, depth);
  if (value.length > MAX_ENTRIES) budget.truncated = true;
  return value.slice(0, MAX_ENTRIES).map((each) => boundedValue(each, budget, depth + 1));
}

function boundedString(text: string, budget: Budget): string {
  const room = Math.max(0, budget.left);
  budget.left -= text.length;
  if (text.length <= room) return text;
  budget.truncated = true;
  return `${text.slice(0, room)}…`;
}
