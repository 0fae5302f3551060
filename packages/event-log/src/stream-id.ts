import { z } from 'zod';

export const StreamId = z.string().regex(/^[0-9A-Za-z_.:/-]{1,200}$/, 'must be a stream id');
