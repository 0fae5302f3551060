import type { Usage } from './usage-reader.js';

/** Micro-dollars for a million tokens, that is picodollars a token, of each class. */
interface Price {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

/** Bumped with every change: an audit can tell which prices it was made with. */
export const PRICE_TABLE_VERSION = 1;

const perMillion = (input: number, output: number): Price => ({
  input: input * 1e6,
  output: output * 1e6,
  cacheRead: input * 1e5,
  cacheWrite: input * 1.25e6,
});

/** List prices in US dollars a million tokens, by the longest prefix of the model's name. https://www.anthropic.com/pricing */
const PRICES: Readonly<Record<string, Price>> = {
  'claude-opus-5': perMillion(5, 25),
  'claude-opus-4-5': perMillion(5, 25),
  'claude-opus-4': perMillion(15, 75),
  'claude-sonnet-5': perMillion(3, 15),
  'claude-sonnet-4': perMillion(3, 15),
  'claude-haiku-4-5': perMillion(1, 5),
  'claude-3-7-sonnet': perMillion(3, 15),
  'claude-3-5-sonnet': perMillion(3, 15),
  'claude-3-5-haiku': { input: 0.8e6, output: 4e6, cacheRead: 0.08e6, cacheWrite: 1e6 },
  'claude-3-haiku': { input: 0.25e6, output: 1.25e6, cacheRead: 0.03e6, cacheWrite: 0.3e6 },
};
const PREFIXES = Object.keys(PRICES).toSorted((a, b) => b.length - a.length);

/** US dollars, exact to a micro-dollar; null when the model has no price here: unknown is not free. */
export function priceUsd(usage: Usage): number | null {
  const prefix = PREFIXES.find((each) => usage.model === each || usage.model?.startsWith(`${each}-`));
  const price = prefix === undefined ? undefined : PRICES[prefix];
  if (price === undefined) return null;
  const picodollars =
    usage.inputTokens * price.input +
    usage.outputTokens * price.output +
    usage.cacheReadTokens * price.cacheRead +
    usage.cacheWriteTokens * price.cacheWrite;
  return Math.round(picodollars / 1e6) / 1e6;
}
