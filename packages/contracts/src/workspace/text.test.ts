import { describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import { Text } from './text.js';
import { WORKSPACE_ROUTES } from './routes.js';

const UNKEPT = [
  ['NUL', 'a\u0000b'],
  ['a lone surrogate', 'a\ud800b'],
] as const;

const fieldsOf = ({ error }: { readonly error?: z.ZodError | undefined }) =>
  error?.issues.map(({ path }) => path.join('.'));

describe('text that people and agents write', () => {
  it('may be in any language', () => {
    for (const text of ['plain', 'Grüße', '日本語', '👩‍🚀', 'a\nb\t']) expect(Text.parse(text)).toBe(text);
  });

  it.each(UNKEPT)('with %s is refused by the name of its field', (_name, text) => {
    const body = { messageId: crypto.randomUUID(), text };
    expect(fieldsOf(WORKSPACE_ROUTES.listWorkspaces.query.safeParse({ search: text }))).toEqual(['search']);
    expect(fieldsOf(WORKSPACE_ROUTES.sendMessage.body.safeParse(body))).toEqual(['text']);
    expect(fieldsOf(WORKSPACE_ROUTES.createWorkspace.body.safeParse({ name: 'one', image: text }))).toContain('image');
  });

  it('is no message when it is spaces alone', () => {
    const body = { messageId: crypto.randomUUID(), text: ' \n\t' };
    expect(fieldsOf(WORKSPACE_ROUTES.sendMessage.body.safeParse(body))).toEqual(['text']);
  });
});
