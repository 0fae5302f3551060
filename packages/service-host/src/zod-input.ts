import { Body, Param, Query, type PipeTransform } from '@nestjs/common';
import type { z } from 'zod';

class ZodPipe implements PipeTransform {
  constructor(private readonly schema: z.ZodType) {}

  transform(value: unknown): unknown {
    return this.schema.parse(value ?? {});
  }
}

/** The JSON body, checked: `@ZodBody(StartSessionRequest) body: StartSessionRequest`. */
export const ZodBody = (schema: z.ZodType): ParameterDecorator => Body(new ZodPipe(schema));
export const ZodQuery = (schema: z.ZodType): ParameterDecorator => Query(new ZodPipe(schema));
export const ZodParam = (name: string, schema: z.ZodType): ParameterDecorator => Param(name, new ZodPipe(schema));
