import { RequireLocalToken } from '@aileron/auth';
import { buildCatalogue } from '@aileron/connectors';
import type { ListActionsResponse } from '@aileron/contracts/rest';
import { Controller, Get, Inject } from '@nestjs/common';
import type { z } from 'zod';
import { InstalledConnectors } from '../bundles/installed-connectors.js';

@Controller('v1/actions')
export class CatalogueHttp {
  constructor(@Inject(InstalledConnectors) private readonly connectors: InstalledConnectors) {}

  @Get()
  @RequireLocalToken()
  list(): z.infer<typeof ListActionsResponse> {
    return { actions: [...buildCatalogue(this.connectors.all)] };
  }
}
