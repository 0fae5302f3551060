import { Module } from '@nestjs/common';
import { IdentityModule } from '../identity/identity.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { LeasesHttp } from './leases.http.js';

@Module({ imports: [IdentityModule, SessionsModule], controllers: [LeasesHttp] })
export class LeasesModule {}
