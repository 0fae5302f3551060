import { type DecryptService as Contract } from '@aileron/contracts/grpc';
import { type CallContext, type ServiceImpl } from '@aileron/service-host';
import { type ResolvedCredential, type Secret } from '@aileron/vault';
import { Inject, Injectable } from '@nestjs/common';
import { onlyFrom } from '../only-from.js';
import { decryptFields, fieldsOf, resolveFields, StateFields } from '../request-fields.js';
import { DecryptService } from './decrypt.service.js';

type Methods = ServiceImpl<typeof Contract>;
type Request<M extends keyof Methods> = Parameters<Methods[M]>[0];

@Injectable()
export class DecryptGrpc implements Methods {
  constructor(@Inject(DecryptService) private readonly service: DecryptService) {}

  resolve(request: Request<'resolve'>, context: CallContext) {
    onlyFrom('proxy', context);
    const { tenantId, sessionId, connector, operation, host } = resolveFields(request);
    const input = { tenantId, sessionId, use: { connector, operation, host } };
    const resolved = this.service.resolveNow(input);
    return resolved === undefined ? this.service.resolve(input).then(resolvedAnswer) : resolvedAnswer(resolved);
  }

  decrypt(request: Request<'decrypt'>, context: CallContext) {
    onlyFrom('proxy', context);
    const { tenantId, sessionId, vaultId, credentialId, credentialVersion, connector, operation, host } =
      decryptFields(request);
    const use = { connector, operation, host };
    const order = { tenantId, sessionId, vaultId, credentialId, credentialVersion, use };
    const secret = this.service.decryptNow(order);
    return secret === undefined ? this.service.decrypt(order).then(secretAnswer) : { secret: secret.expose() };
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

const resolvedAnswer = ({ vaultId, credentialId, version }: ResolvedCredential) => ({
  vaultId,
  credentialId,
  credentialVersion: version,
});

/** Of one that came later: its caller may have gone, and then nobody encodes it. */
function secretAnswer(secret: Secret) {
  const bytes = secret.expose();
  overwriteOnceEncoded(bytes);
  return { secret: bytes };
}

/** Every wiring encodes an answer in the microtasks after it was given: the next turn of the loop finds it sent. */
function overwriteOnceEncoded(bytes: Uint8Array): void {
  setImmediate(() => bytes.fill(0));
}
