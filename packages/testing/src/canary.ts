import { randomBytes } from 'node:crypto';
import { secretForms, type SecretForm } from '@aileron/vault';

export type CanaryShape = 'anthropic' | 'linear' | 'opaque';

/** A secret that belongs to nobody, to look for where it must not be. */
export interface Canary {
  readonly shape: CanaryShape;
  readonly value: string;
  /** Every form in which it may lie somewhere. */
  readonly forms: readonly SecretForm[];
}

const SHAPES: Readonly<Record<CanaryShape, () => string>> = {
  anthropic: () => `sk-ant-api03-${randomBytes(69).toString('base64url')}-${randomBytes(6).toString('base64url')}AA`,
  linear: () => `lin_api_${randomAlphanumeric(40)}`,
  opaque: () => `canary-${randomBytes(40).toString('hex')}`,
};

/** A new random secret, shaped as the provider's own are. */
export function canary(shape: CanaryShape = 'opaque'): Canary {
  const value = SHAPES[shape]();
  return { shape, value, forms: secretForms(new TextEncoder().encode(value)) };
}

/** The encodings in which `bytes` holds the canary; empty is what a test hopes for. */
export function findCanary(bytes: Uint8Array | string, sought: Canary): string[] {
  const buffer = Buffer.from(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes);
  return sought.forms.filter((form) => buffer.includes(Buffer.from(form.bytes))).map((form) => form.encoding);
}

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function randomAlphanumeric(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length))
      if (byte < 248 && text.length < length) text += ALPHANUMERIC.charAt(byte % 62);
  }
  return text;
}
