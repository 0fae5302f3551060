import type { DescMethod, DescService, Message } from '@bufbuild/protobuf';
import type { Logger } from '@aileron/telemetry';
import type { CallContext } from './call-context.js';
import type { CallMeter, MethodMeter } from './call-meter.js';
import type { ServiceGate } from './service-gate.js';
import type { ServiceImpl } from './service-impl.js';

export type UnaryHandler = (request: Message, context: CallContext) => object | Promise<object>;
export type StreamHandler = (request: Message, context: CallContext) => AsyncIterable<object>;

export interface ServingOptions {
  /** Of the part that serves. */
  readonly version: string;
  readonly logger: Logger;
}

/** The part that a method belongs to, when it is not the transport's own. */
export interface ServingPart extends ServingOptions {
  readonly gate: ServiceGate;
  readonly meter: CallMeter;
}

/** One method with its implementation, bound. */
export interface RegisteredMethod {
  readonly method: DescMethod;
  readonly handle: UnaryHandler | StreamHandler;
  readonly part: ServingPart | undefined;
  /** Of a unary method of a part. */
  readonly meter: MethodMeter | undefined;
}

export const methodPath = (method: DescMethod): string => `/${method.parent.typeName}/${method.name}`;

/** The methods that one process or one server answers, by path. */
export class MethodRegistry {
  private readonly methods = new Map<string, RegisteredMethod>();

  add<S extends DescService>(service: S, implementation: ServiceImpl<S>, part?: ServingPart): void {
    for (const method of service.methods) {
      const handle = (implementation as Record<string, unknown>)[method.localName];
      if (typeof handle !== 'function') throw new TypeError(`${service.typeName} lacks ${method.localName}`);
      if (this.methods.has(methodPath(method))) throw new TypeError(`${methodPath(method)} is served twice`);
      const bound = handle.bind(implementation) as UnaryHandler;
      const meter = method.methodKind === 'unary' ? part?.meter.of(method) : undefined;
      this.methods.set(methodPath(method), { method, handle: bound, part, meter });
    }
  }

  get(path: string): RegisteredMethod | undefined {
    return this.methods.get(path);
  }

  all(): Iterable<RegisteredMethod> {
    return this.methods.values();
  }

  services(): DescService[] {
    return [...new Set([...this.methods.values()].map((registered) => registered.method.parent))];
  }
}
