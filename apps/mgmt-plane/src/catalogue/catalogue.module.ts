import { Module } from '@nestjs/common';
import { BundlesModule } from '../bundles/bundles.module.js';
import { CatalogueHttp } from './catalogue.http.js';

@Module({ imports: [BundlesModule], controllers: [CatalogueHttp] })
export class CatalogueModule {}
