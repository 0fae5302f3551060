import type { Usage } from './usage-reader.js';

/** Micro-dollars for a million tokens, that is picodollars a token, of each class. Integers. */
interface Price {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  /** Kept for an hour; `cacheWrite` for five minutes. */
  readonly cacheWriteHour: number;
}

interface ModelPrice {
  readonly price: Price;
  /** Another price for a whole request whose prompt, cached or not, is longer. */
  readonly long?: { readonly overTokens: number; readonly price: Price };
}

/** What a bill depends on beside the counts of tokens. */
export interface Charges {
  /** Of `cacheWriteTokens`. */
  readonly cacheWriteHourTokens: number;
  readonly webSearches: number;
  /** `inference_geo` of the answer. */
  readonly geography: string | null;
  /** `speed` of the answer. */
  readonly speed: string | null;
}

/** Bumped with every change: an audit can tell which prices it was made with. */
export const PRICE_TABLE_VERSION = 2;

const MICRO = 1_000_000;

/** From US dollars a million tokens. Cache writes cost 1.25 and, for an hour, 2 times the input. */
function perMillion(input: number, output: number, cacheRead: number): ModelPrice {
  const picodollars = (dollars: number): number => Math.round(dollars * MICRO);
  const price = { input, output, cacheRead, cacheWrite: input * 1.25, cacheWriteHour: input * 2 };
  return {
    price: {
      input: picodollars(price.input),
      output: picodollars(price.output),
      cacheRead: picodollars(price.cacheRead),
      cacheWrite: picodollars(price.cacheWrite),
      cacheWriteHour: picodollars(price.cacheWriteHour),
    },
  };
}

/** List prices of the Claude API, November 2026: https://platform.claude.com/docs/en/about-claude/pricing */
const PRICES: ReadonlyMap<string, ModelPrice> = new Map([
  ['claude-fable-5-1', perMillion(10, 50, 0.25)],
  ['claude-fable-5', perMillion(10, 50, 1)],
  ['claude-opus-5-5', perMillion(4, 20, 0.2)],
  ['claude-opus-5', perMillion(5, 25, 0.5)],
  ['claude-opus-4-8', perMillion(5, 25, 0.5)],
  ['claude-opus-4-7', perMillion(5, 25, 0.5)],
  ['claude-opus-4-6', perMillion(5, 25, 0.5)],
  ['claude-opus-4-5', perMillion(5, 25, 0.5)],
  ['claude-opus-4-1', perMillion(15, 75, 1.5)],
  ['claude-opus-4', perMillion(15, 75, 1.5)],
  ['claude-sonnet-5-5', perMillion(2, 10, 0.1)],
  ['claude-sonnet-5', perMillion(2, 10, 0.2)],
  ['claude-sonnet-4-6', perMillion(3, 15, 0.3)],
  ['claude-sonnet-4-5', perMillion(3, 15, 0.3)],
  ['claude-sonnet-4', perMillion(3, 15, 0.3)],
  ['claude-haiku-5-5', { ...perMillion(0.1, 0.5, 0.01), long: { overTokens: 100_000, ...perMillion(0.5, 2.5, 0.05) } }],
  ['claude-haiku-4-5', perMillion(1, 5, 0.1)],
]);

/** 10 US dollars for a thousand. */
const PICODOLLARS_A_SEARCH = 10_000_000_000;
const US_PERCENT = 110;
const NO_CHARGES: Charges = { cacheWriteHourTokens: 0, webSearches: 0, geography: null, speed: null };

/**
 * US dollars, exact to a micro-dollar. Null when it is not known: a model without a price here, or a way of serving it
 * with another price. Unknown is not free.
 */
export function priceUsd(usage: Usage, charges: Charges = NO_CHARGES): number | null {
  const model = usage.model === null ? undefined : findModel(usage.model);
  if (model === undefined || (charges.speed !== null && charges.speed !== 'standard')) return null;
  const prompt = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
  const price = model.long !== undefined && prompt > model.long.overTokens ? model.long.price : model.price;
  const hour = Math.min(charges.cacheWriteHourTokens, usage.cacheWriteTokens);
  const tokens =
    usage.inputTokens * price.input +
    usage.outputTokens * price.output +
    usage.cacheReadTokens * price.cacheRead +
    (usage.cacheWriteTokens - hour) * price.cacheWrite +
    hour * price.cacheWriteHour;
  const percent = charges.geography === 'us' ? US_PERCENT : 100;
  const picodollars = (tokens * percent) / 100 + charges.webSearches * PICODOLLARS_A_SEARCH;
  return Math.round(picodollars / MICRO) / MICRO;
}

/** By its name, or its name with a date: `claude-opus-4-5-20251101`. Another version is another model. */
const findModel = (model: string): ModelPrice | undefined => PRICES.get(model.replace(/-(?:20\d{6}|latest)$/, ''));
