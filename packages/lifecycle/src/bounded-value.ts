import { z } from 'zod';

/** Milliseconds since 1970. What a clock may say ends with the year 9999; deadlines may lie a little beyond. */
export const MAX_NOW = 253_402_300_799_999;
export const Time = z
  .int()
  .min(0)
  .max(MAX_NOW + 366 * 86_400_000);

/** Numbers that only grow: generations, fencing tokens, launches, operations. 0 is before the first. */
export const Ordinal = z.int().min(0);

export const WorkspaceId = z.string().regex(/^[0-9A-Za-z_-]{1,64}$/, 'must be a workspace id');

/** For programs: a word or a few, kebab-case. */
export const Reason = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+){0,11}$/, 'must be kebab-case')
  .max(64);

export const MAX_MESSAGE_LENGTH = 512;
const MAX_MESSAGE_INPUT = 16_384;

/** Stored text for people. */
export const Message = z.string().max(MAX_MESSAGE_LENGTH);

/** C0 and C1 controls, and the marks that reorder text: they would speak to the terminal of whoever reads this. */
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+/g;

/** Text for people as it arrives: cleaned of what cannot be seen, cut to length, without half characters. */
export const IncomingMessage = z.string().max(MAX_MESSAGE_INPUT).transform(cleanMessage);

function cleanMessage(text: string): string {
  const seen = text.toWellFormed().replace(UNSEEN, ' ').trim();
  return seen.length <= MAX_MESSAGE_LENGTH
    ? seen
    : `${seen.slice(0, MAX_MESSAGE_LENGTH - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
