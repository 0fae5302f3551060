import type { WorkspaceRouteId } from '@aileron/contracts/workspace';
import { AileronError } from '@aileron/errors';
import { Injectable } from '@nestjs/common';
import type { RouteInput } from './serves.js';

/** What a stream sends: JSON as text, frames as bytes. */
export interface ServedStream {
  readonly messages: AsyncIterable<object | Uint8Array>;
  /** What the reader sends, one after the other; what is answered goes to it as text. */
  onInput?(text: string): Promise<object | undefined>;
}

/** Checks what can be checked before the stream begins: what it throws is the answer to the request. */
export type OpenStream<Id extends WorkspaceRouteId> = (
  input: RouteInput<Id>,
  signal: AbortSignal,
) => Promise<ServedStream>;

/** Where streams come from, by the routes they are served at, over SSE and WebSocket alike. */
@Injectable()
export class StreamSources {
  readonly #sources = new Map<WorkspaceRouteId, OpenStream<never>>();

  add<Id extends WorkspaceRouteId>(id: Id, open: OpenStream<Id>): void {
    this.#sources.set(id, open);
  }

  open(id: WorkspaceRouteId, input: RouteInput<WorkspaceRouteId>, signal: AbortSignal): Promise<ServedStream> {
    const open = this.#sources.get(id);
    if (open === undefined) throw new AileronError('NOT_FOUND', { route: id });
    return open(input as never, signal);
  }
}
