import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { AileronError } from '@aileron/errors';
import { Secret } from '@aileron/vault';
import { createLogger, type Logger } from './logger.js';
import { runWithContext } from './request-context.js';

function capture(): { logger: Logger; text(): string; lines(): Record<string, unknown>[] } {
  const written: string[] = [];
  const logger = createLogger({
    service: 'test',
    level: 'debug',
    destination: { write: (line) => void written.push(line) },
  });
  return {
    logger,
    text: () => written.join(''),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

const canary = () => `canary-${randomUUID()}`;

describe('a log line', () => {
  it('carries service, event, request, tenant and actor', () => {
    const { logger, lines } = capture();
    runWithContext({ requestId: 'req_1', tenantId: 'ten_1', actor: 'proxy' }, () =>
      logger.info({ leaseId: 'l1' }, 'lease.used'),
    );
    logger.child({ service: 'other' }).debug('idle');
    expect(lines()).toMatchObject([
      { service: 'test', msg: 'lease.used', leaseId: 'l1', requestId: 'req_1', tenantId: 'ten_1', actor: 'proxy' },
      { service: 'other', msg: 'idle' },
    ]);
    expect(lines()[1]).not.toHaveProperty('requestId');
  });

  it.each([
    'authorization',
    'Authorization',
    'Proxy-Authorization',
    'set-cookie',
    'X-Api-Key',
    'token',
    'agentToken',
    'access_token',
    'localToken',
    'password',
    'vaultPassphrase',
    'secret',
    'client_secret',
    'clientSecret',
    'privateKeyBase64',
    'vaultKeyBase64',
    'plaintext',
    'DATABASE_URL',
    'recoveryKit',
  ])('never holds the value of %s, at any depth', (name) => {
    const { logger, text } = capture();
    const value = canary();
    const details = { [name]: value } as never;
    logger.info({ [name]: value, a: { [name]: [value] }, b: [{ c: { d: { [name]: { e: value } } } }] }, 'x');
    logger.child({ [name]: value }).info('x');
    logger.error({ err: new AileronError('INTERNAL', details) }, 'x');
    expect(text()).not.toContain(value);
    expect(text()).toContain('[redacted]');
  });

  it('never holds a Secret, bytes, or a credential by its shape', () => {
    const { logger, text } = capture();
    const [a, b, c, d, e] = Array.from({ length: 5 }, canary) as [string, string, string, string, string];
    logger.info({ x: Secret.fromString(a), y: Buffer.from(b), z: [{ w: new Uint8Array(Buffer.from(b)) }] }, 'x');
    logger.info(
      { text: `Bearer ${c}`, url: `postgres://user:${d}@db/x`, key: `sk-ant-${e}` },
      `Authorization: Basic ${c}`,
    );
    for (const value of [a, b, c, d, e]) expect(text()).not.toContain(value);
    expect(text()).not.toContain([...Buffer.from(b)].slice(0, 8).join(','));
    expect(text()).toContain('[secret]');
  });

  it('holds an error by class, code, message, stack and cause, and nothing else of it', () => {
    const { logger, lines, text } = capture();
    const value = canary();
    const cause = Object.assign(new TypeError(`connect postgres://u:${value}@db failed`), {
      request: { header: value },
      code: 'E1',
    });
    const error = new AileronError('INTERNAL', { port: 1 }, { cause });
    logger.error({ err: error }, 'call.failed');
    logger.error(error);
    logger.error({ err: error });
    for (const { err } of lines()) {
      expect(err).toMatchObject({
        type: 'AileronError',
        code: 'INTERNAL',
        details: { port: 1 },
        cause: { type: 'TypeError', code: 'E1' },
      });
    }
    expect(lines()).toHaveLength(3);
    expect(text()).not.toContain(value);
  });

  it('is bounded, whatever it is given', () => {
    const { logger, text, lines } = capture();
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    logger.info(
      { long: 'x'.repeat(1_000_000), many: Array.from({ length: 10_000 }, (_, i) => i), circular, n: 1n },
      'y'.repeat(100_000),
    );
    expect(text().length).toBeLessThan(20_000);
    expect(lines()).toHaveLength(1);
  });

  it('goes to a file that only its owner reads', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'log-')), 'logs', 'service.log');
    createLogger({ service: 'test', destination: path }).info('started');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ msg: 'started' });
  });
});
