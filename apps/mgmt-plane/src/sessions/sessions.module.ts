import { Module } from '@nestjs/common';
import { IdentityModule } from '../identity/identity.module.js';
import { SessionAuthoritiesRepository } from './session-authorities.repository.js';
import { SessionAuthoritiesService } from './session-authorities.service.js';
import { SessionsHttp } from './sessions.http.js';
import { SessionsRepository } from './sessions.repository.js';
import { SessionsService } from './sessions.service.js';

@Module({
  imports: [IdentityModule],
  controllers: [SessionsHttp],
  providers: [SessionsRepository, SessionsService, SessionAuthoritiesRepository, SessionAuthoritiesService],
  exports: [SessionsRepository, SessionsService, SessionAuthoritiesService],
})
export class SessionsModule {}
