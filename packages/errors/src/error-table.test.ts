import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { ErrorDefinitions } from './error-definition.js';
import { ERROR_TABLE } from './error-table.js';

const FOLDER = join(import.meta.dirname, 'tables');

describe('the error table', () => {
  it('has each code of each table, and each of them once', async () => {
    const codes: string[] = [];
    for (const file of readdirSync(FOLDER)) {
      const tables = (await import(join(FOLDER, file))) as Readonly<Record<string, ErrorDefinitions>>;
      codes.push(...Object.values(tables).flatMap((table) => Object.keys(table)));
    }
    expect(codes.length).toBeGreaterThan(50);
    expect(codes.toSorted()).toEqual(Object.keys(ERROR_TABLE).toSorted());
  });

  it('says in each row what happened and what to do, in sentences', () => {
    for (const [code, { message, action }] of Object.entries<ErrorDefinitions[string]>(ERROR_TABLE)) {
      expect({ code, message, action }).toEqual({
        code: expect.stringMatching(/^[A-Z][A-Z_]+$/),
        message: expect.stringMatching(/^[A-Z].*\.$/),
        action: expect.stringMatching(/^[A-Z].*\.$/),
      });
    }
  });
});
