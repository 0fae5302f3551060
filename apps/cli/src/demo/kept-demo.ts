import { z } from 'zod';
import type { Home } from '../home/home.js';
import { readJsonFile, writePrivateFile } from '../home/private-file.js';

/** What `up --demo` filled a home with, so that the next one goes on with it. Nobody but the fake upstreams takes these credentials. */
const KeptDemo = z.strictObject({
  passphrase: z.string().min(1).max(256),
  credentials: z.strictObject({ anthropic: z.string().min(1).max(512), linear: z.string().min(1).max(512) }),
  vaultIds: z.array(z.string().max(64)).min(1).max(16),
});
export type KeptDemo = z.infer<typeof KeptDemo>;

const fileOf = (home: Home): string => home.path('demo.json');

export const readKeptDemo = (home: Home): KeptDemo | undefined => readJsonFile(fileOf(home), KeptDemo);

export const keepDemo = (home: Home, kept: KeptDemo): void => writePrivateFile(fileOf(home), JSON.stringify(kept));
