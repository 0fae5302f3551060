import { AsyncLocalStorage } from 'node:async_hooks';

/** Who and what the work at hand is for. */
export interface RequestContext {
  readonly requestId: string;
  readonly tenantId: string | undefined;
  /** A user, an agent or a service. */
  readonly actor: string | undefined;
}

const storage = new AsyncLocalStorage<RequestContext>();

export const runWithContext = <T>(context: RequestContext, run: () => T): T => storage.run(context, run);

/** The context of the current call, or undefined outside of one. */
export const currentContext = (): RequestContext | undefined => storage.getStore();
