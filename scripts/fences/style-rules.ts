import { posix } from 'node:path';
import type { Rule } from './rule.ts';

const MOST_LINES = 400;

export const filesAreShort: Rule = {
  name: 'files-are-short',
  why: `A file of more than ${MOST_LINES} lines is two.`,
  check: ({ lines }) => (lines > MOST_LINES ? [{ line: MOST_LINES + 1, what: `has ${lines} lines` }] : []),
};

export const noAny: Rule = {
  name: 'no-any',
  why: 'A foreign value is unknown until a schema has parsed it.',
  check: ({ anys }) => anys.map((line) => ({ line, what: 'says any' })),
};

export const noEnum: Rule = {
  name: 'no-enum',
  why: 'Unions and const objects: an enum is code that erasing types cannot run.',
  check: ({ enums }) => enums.map((line) => ({ line, what: 'declares an enum' })),
};

export const noBarrels: Rule = {
  name: 'no-barrels',
  why: 'The package’s door is the only file that re-exports; inside, import the file that has it.',
  check: ({ path, isBarrel, package: owner }) =>
    isBarrel && !owner.doors.includes(path) ? [{ line: 1, what: 'only re-exports' }] : [],
};

const VAGUE = /^(utils?|helpers?|common|misc|shared|lib)(\.|-|$)|[-.](utils?|helpers?|misc)(\.|$)/;

export const filesHaveNouns: Rule = {
  name: 'files-have-nouns',
  why: 'A file is named in kebab-case for the one thing it holds, a folder too: no utils, helpers, common or misc.',
  check: ({ path }) => {
    const parts = path.split('/');
    const vague = parts.slice(parts.indexOf('src') + 1).find((part) => VAGUE.test(part));
    if (vague !== undefined) return [{ line: 1, what: `is named ${vague}` }];
    const name = posix.basename(path);
    return /^[a-z0-9.-]+$/.test(name) ? [] : [{ line: 1, what: `is named ${name}` }];
  },
};
