import { z } from 'zod';

/** `true` or `false` in a query. */
export const QueryFlag = z.stringbool({ truthy: ['true'], falsy: ['false'], case: 'sensitive' });
