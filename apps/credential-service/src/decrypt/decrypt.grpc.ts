import { type DecryptService as Contract } from '@aileron/contracts/grpc';
import { type CallContext, type ServiceImpl } from '@aileron/service-host';
import { Inject, Injectable } from '@nestjs/common';
import { onlyFrom } from '../only-from.js';
import { DecryptFields, fieldsOf, ResolveFields, StateFields } from '../request-fields.js';
import { DecryptService } from './decrypt.service.js';

type Methods = ServiceImpl<typeof Contract>;
type Request<M extends keyof Methods> = Parameters<Methods[M]>[0];

@Injectable()
export class DecryptGrpc implements Methods {
  constructor(@Inject(DecryptService) private readonly service: DecryptService) {}

  async resolve(request: Request<'resolve'>, context: CallContext) {
    onlyFrom('proxy', context);
    const { tenantId, sessionId, ...use } = fieldsOf(ResolveFields, request);
    const { vaultId, credentialId, version } = await this.service.resolve({ tenantId, sessionId, use });
    return { vaultId, credentialId, credentialVersion: version };
  }

  async decrypt(request: Request<'decrypt'>, context: CallContext) {
    onlyFrom('proxy', context);
    const { connector, operation, host, ...order } = fieldsOf(DecryptFields, request);
    const secret = await this.service.decrypt({ ...order, use: { connector, operation, host } });
    overwriteOnceEncoded(secret.expose());
    return { secret: secret.expose() };
  }

  async sealState(request: Request<'sealState'>, context: CallContext) {
    onlyFrom('proxy', context);
    const { plaintext } = request;
    const sealed = await this.service.sealState({ ...fieldsOf(StateFields, request), plaintext });
    plaintext.fill(0);
    return { sealed };
  }

  async unsealState(request: Request<'unsealState'>, context: CallContext) {
    onlyFrom('proxy', context);
    const { sealed } = request;
    const plaintext = await this.service.unsealState({ ...fieldsOf(StateFields, request), sealed });
    overwriteOnceEncoded(plaintext);
    return { plaintext };
  }
}

/** Every wiring encodes an answer in the microtasks after it was given: the next turn of the loop finds it sent. */
function overwriteOnceEncoded(bytes: Uint8Array): void {
  setImmediate(() => bytes.fill(0));
}
