/**
 * Bounds of one event, in UTF-16 units unless said. JSON escapes a unit to six bytes at most, so an event stays below the
 * 256 KiB that its transport takes.
 */
export const EVENT_LIMITS = {
  /** Of one message or one delta; a longer text comes as several. */
  text: 32_000,
  /** Strings and keys of a tool's input, together. */
  input: 30_000,
  resultText: 16_000,
  /** All lines of a diff together. */
  diffText: 20_000,
  diffHunks: 200,
  title: 200,
  reason: 1_024,
  note: 2_000,
  id: 128,
  name: 128,
  path: 4_096,
  planEntries: 100,
  planText: 200,
  suggestions: 16,
  questions: 8,
  options: 16,
  questionText: 1_000,
} as const;

/** Bounds of a folded conversation: what is older is dropped and counted. */
export const VIEW_LIMITS = {
  items: 5_000,
  /** Text of all items together. */
  characters: 1_000_000,
  /** Text of one message; the rest is counted, not kept. */
  messageCharacters: 400_000,
  runs: 16,
  queue: 64,
} as const;
