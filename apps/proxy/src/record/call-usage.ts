import { type MatchResult, priceUsd, usageReader, type UsageReader } from '@aileron/connectors';
import { type HeaderField } from '../parse/canonical-request.js';
import { type OutcomeFacts } from './outcome-facts.js';

/** Counts what a provider says was used, as its answer passes. */
export class CallUsage {
  readonly #reader: UsageReader | null;

  constructor(operation: MatchResult['operation'], headers: readonly HeaderField[]) {
    const contentType = headers.find(([name]) => name === 'content-type')?.[1] ?? '';
    this.#reader = operation.usage === null ? null : usageReader(operation.usage, contentType);
  }

  push(chunk: Uint8Array): void {
    this.#reader?.push(chunk);
  }

  /** Tokens and their price; nothing for an operation that uses none. */
  settle(): Pick<OutcomeFacts, 'tokens' | 'costUsd'> {
    if (this.#reader === null) return {};
    const usage = { ...this.#reader.result() };
    return { tokens: { ...usage, model: usage.model?.slice(0, 128) ?? null }, costUsd: priceUsd(usage) };
  }
}
