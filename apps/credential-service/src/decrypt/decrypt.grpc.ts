import { type DecryptService as Contract } from '@aileron/contracts/grpc';
import { type ServiceImpl } from '@aileron/service-host';
import { Inject, Injectable } from '@nestjs/common';
import { DecryptFields, fieldsOf, ResolveFields, StateFields } from '../request-fields.js';
import { DecryptService } from './decrypt.service.js';

type Methods = ServiceImpl<typeof Contract>;
type Request<M extends keyof Methods> = Parameters<Methods[M]>[0];

@Injectable()
export class DecryptGrpc implements Methods {
  constructor(@Inject(DecryptService) private readonly service: DecryptService) {}

  async resolve(request: Request<'resolve'>) {
    const { tenantId, sessionId, ...use } = fieldsOf(ResolveFields, request);
    const { vaultId, credentialId, version } = await this.service.resolve({ tenantId, sessionId, use });
    return { vaultId, credentialId, credentialVersion: version };
  }

  /** The transport zeroes the bytes once they are encoded. */
  async decrypt(request: Request<'decrypt'>) {
    const { connector, operation, host, ...order } = fieldsOf(DecryptFields, request);
    const secret = await this.service.decrypt({ ...order, use: { connector, operation, host } });
    return { secret: secret.expose() };
  }

  async sealState(request: Request<'sealState'>) {
    const { plaintext } = request;
    return { sealed: await this.service.sealState({ ...fieldsOf(StateFields, request), plaintext }) };
  }

  async unsealState(request: Request<'unsealState'>) {
    const { sealed } = request;
    return { plaintext: await this.service.unsealState({ ...fieldsOf(StateFields, request), sealed }) };
  }
}
