import { redactText } from '@aileron/telemetry';
import { z } from 'zod';
import { parseArgument } from './parse-argument.js';

/** What a job carries: ids and numbers, by which its handler reads the rest where it is kept. Never a secret. */
export type JobPayload = Readonly<Record<string, string | number>>;

const MOST_FIELDS = 16;
const SECRET_NAME = /token|password|passphrase|secret|credential|apikey|privatekey|authorization|cookie/i;

const fieldName = z
  .string()
  .regex(/^[a-z][A-Za-z0-9]{0,39}$/, 'camelCase, at most 40 characters')
  .refine((name) => !SECRET_NAME.test(name), 'named like a secret: jobs carry ids only');

const idText = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$/, 'an id: at most 80 of A-Z a-z 0-9 . _ : -')
  .refine((text) => redactText(text) === text, 'has the shape of a credential: jobs carry ids only');

const payload = z
  .record(fieldName, z.union([idText, z.number().int()]))
  .refine((fields) => Object.keys(fields).length <= MOST_FIELDS, `at most ${MOST_FIELDS} fields`);

/** @throws INVALID_ARGUMENT naming the field, never its value */
export const parseJobPayload = (value: unknown): JobPayload => parseArgument(payload, value, 'payload');
