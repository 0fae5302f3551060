import { Module } from '@nestjs/common';
import { BundlesRepository } from './bundles.repository.js';
import { BundlesService } from './bundles.service.js';
import { InstalledConnectors } from './installed-connectors.js';
import { PolicyHttp } from './policy.http.js';

@Module({
  controllers: [PolicyHttp],
  providers: [BundlesRepository, BundlesService, InstalledConnectors],
  exports: [BundlesService, InstalledConnectors],
})
export class BundlesModule {}
