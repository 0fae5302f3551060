import { z } from 'zod';
import type { AddJobOptions, WorkOptions } from './job-queue.port.js';
import { parseArgument } from './parse-argument.js';

const DAY_MS = 24 * 60 * 60 * 1_000;

/** No colon: BullMQ builds keys with it. */
const jobName = z
  .string()
  .regex(/^[a-z][a-z0-9]*([.-][a-z0-9]+){0,5}$/, 'lower case words joined by . or -')
  .max(60);

/** BullMQ refuses ids with a colon, and ids that are whole numbers: those are its own. */
const jobId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'at most 128 of A-Z a-z 0-9 . _ -')
  .refine((id) => !/^\d+$/.test(id), 'not a number alone');

const addOptions = z.strictObject({
  jobId,
  delayMs: z
    .number()
    .int()
    .min(0)
    .max(30 * DAY_MS)
    .optional(),
  attempts: z.number().int().min(1).max(50),
  backoff: z.strictObject({
    kind: z.enum(['fixed', 'exponential']),
    delayMs: z.number().int().min(0).max(DAY_MS),
  }),
});

const workOptions = z.strictObject({
  concurrency: z.number().int().min(1).max(100),
  lockMs: z.number().int().min(1_000).max(600_000),
  timeoutMs: z.number().int().min(1).max(DAY_MS),
  mostStalls: z.number().int().min(0).max(100).optional(),
});

export const parseJobName = (value: unknown): string => parseArgument(jobName, value, 'name');
export const parseJobId = (value: unknown): string => parseArgument(jobId, value, 'jobId');
export const parseAddOptions = (value: unknown): AddJobOptions =>
  parseArgument(addOptions as z.ZodType<AddJobOptions>, value, 'options');
export const parseWorkOptions = (value: unknown): WorkOptions =>
  parseArgument(workOptions as z.ZodType<WorkOptions>, value, 'options');
