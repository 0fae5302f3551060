import { Public } from '@aileron/auth';
import { openApiDocument } from '@aileron/contracts/open-api';
import { WORKSPACE_ROUTES } from '@aileron/contracts/workspace';
import { AileronError, ERROR_TABLE } from '@aileron/errors';
import { Controller, Get, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { VERSION } from '../version.js';
import { DOC_HEADERS, docAsset, REDOC_PAGE, SWAGGER_PAGE } from './doc-assets.js';

/** The API for people: the OpenAPI document, and two pages over it. */
@Controller()
export class DocsHttp {
  readonly #document = openApiDocument(WORKSPACE_ROUTES, { version: VERSION, errors: ERROR_TABLE });

  @Get('openapi.json')
  @Public()
  openApi(): object {
    return this.#document;
  }

  @Get('docs')
  @Public()
  swagger(@Res() reply: FastifyReply): void {
    void reply.headers(DOC_HEADERS).type('text/html; charset=utf-8').send(SWAGGER_PAGE);
  }

  @Get('redoc')
  @Public()
  redoc(@Res() reply: FastifyReply): void {
    void reply.headers(DOC_HEADERS).type('text/html; charset=utf-8').send(REDOC_PAGE);
  }

  @Get('docs/assets/:name')
  @Public()
  async asset(@Param('name') name: string, @Res() reply: FastifyReply): Promise<void> {
    const asset = await docAsset(name);
    if (asset === null) throw new AileronError('NOT_FOUND', { name });
    void reply.headers(DOC_HEADERS).type(asset.type).send(asset.content);
  }
}
