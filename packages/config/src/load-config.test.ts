import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { AileronError } from '@aileron/errors';
import { Secret } from '@aileron/vault';
import { z } from 'zod';
import { AileronSettings } from './aileron-settings.js';
import { loadConfig, type Environment } from './load-config.js';
import { PlatformSettings } from './platform-settings.js';
import { secret } from './secret-field.js';

const folder = mkdtempSync(join(tmpdir(), 'config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(content: string): string {
  const path = join(folder, randomUUID());
  writeFileSync(path, content);
  return path;
}

function refusal(schema: z.ZodObject, environment: Environment): AileronError {
  try {
    loadConfig(schema, environment);
  } catch (thrown) {
    if (AileronError.is(thrown, 'CONFIG_INVALID')) return thrown;
    throw thrown;
  }
  throw new Error('was not refused');
}

describe('the configuration', () => {
  it('has the established names and defaults', () => {
    expect(loadConfig(PlatformSettings, {})).toEqual({
      DOCKER_HOST: 'unix:///var/run/docker.sock',
      DEBUG: false,
      ENABLE_AUTH: false,
      KEYCLOAK_REALM: 'aileron',
      JWT_ALGORITHM: 'RS256',
      JWT_ACCESS_TOKEN_EXPIRE_MINUTES: 30,
    });
    expect(loadConfig(AileronSettings, {})).toEqual({
      AILERON_LOG_LEVEL: 'info',
      AILERON_MGMT_PORT: 3100,
      AILERON_REQUIRE_ALL: '0',
    });
  });

  it('reads what is set, and takes an empty value for absent', () => {
    const read = loadConfig(PlatformSettings, {
      DATABASE_URL: 'postgres://u:p@localhost/db',
      ENABLE_AUTH: 'true',
      DEBUG: '1',
      KEYCLOAK_REALM: '',
      JWT_ACCESS_TOKEN_EXPIRE_MINUTES: '5',
    });
    expect(read).toMatchObject({
      ENABLE_AUTH: true,
      DEBUG: true,
      KEYCLOAK_REALM: 'aileron',
      JWT_ACCESS_TOKEN_EXPIRE_MINUTES: 5,
    });
    expect(read.DATABASE_URL).toBeInstanceOf(Secret);
    expect(read.DATABASE_URL?.exposeString()).toBe('postgres://u:p@localhost/db');
    expect(JSON.stringify(read)).not.toContain('u:p');
  });

  it('names every wrong variable, and repeats no value', () => {
    const canary = `canary-${randomUUID()}`;
    const error = refusal(PlatformSettings.extend({ REQUIRED: z.string() }), {
      ENABLE_AUTH: canary,
      JWT_ALGORITHM: `none-${canary}`,
      JWT_ACCESS_TOKEN_EXPIRE_MINUTES: `1${canary}`,
      KEYCLOAK_SERVER_URL: canary,
      DOCKER_HOST: canary.repeat(100),
    });
    expect(error.fields.map(({ field }) => field).toSorted()).toEqual([
      'DOCKER_HOST',
      'ENABLE_AUTH',
      'JWT_ACCESS_TOKEN_EXPIRE_MINUTES',
      'JWT_ALGORITHM',
      'KEYCLOAK_SERVER_URL',
      'REQUIRED',
    ]);
    expect(error.fields).toContainEqual({ field: 'REQUIRED', message: 'is required' });
    expect(
      `${JSON.stringify(error)}${JSON.stringify(error.details)}${error.stack}${String(error.cause)}`,
    ).not.toContain(canary);
  });

  it.each(['HS256', 'none', 'rs256'])('does not take the JWT algorithm %s', (algorithm) => {
    expect(refusal(PlatformSettings, { JWT_ALGORITHM: algorithm }).fields[0]?.field).toBe('JWT_ALGORITHM');
  });

  it.each(['-1', '65536', '1.5', 'x', '0x50'])('does not take the port %s', (port) => {
    expect(refusal(AileronSettings, { AILERON_MGMT_PORT: port }).fields[0]?.field).toBe('AILERON_MGMT_PORT');
  });

  it('refuses an AILERON_ variable that no part knows, and names the nearest', () => {
    const schema = z.object({ AILERON_OWN: z.string().optional() });
    const known = {
      AILERON_OWN: 'x',
      AILERON_HOME: '/x',
      AILERON_TOKEN: 'x',
      AILERON_PASSPHRASE_FILE: '/x',
      HOME: '/',
      AILERONX: '1',
    };
    expect(loadConfig(schema, known)).toEqual({ AILERON_OWN: 'x' });
    expect(refusal(schema, { AILERON_HOEM: 'x', AILERON_ENTIRELY_ELSE: 'y' }).fields).toEqual([
      { field: 'AILERON_HOEM', message: 'is not a setting of Aileron; did you mean AILERON_HOME?' },
      { field: 'AILERON_ENTIRELY_ELSE', message: 'is not a setting of Aileron' },
    ]);
    expect(refusal(schema, { AILERON_HOME_FILE: '/x' }).fields[0]?.field).toBe('AILERON_HOME_FILE');
  });
});

describe('a secret', () => {
  const schema = z.object({ SECRET_KEY: secret(), OTHER: secret().optional(), PLAIN: z.string().optional() });

  it.each([
    ['abc', 'abc'],
    ['abc\n', 'abc'],
    ['abc\r\n', 'abc'],
    ['a\nb\n\n', 'a\nb\n'],
  ])('is read from its file %j', (content, value) => {
    expect(loadConfig(schema, { SECRET_KEY_FILE: file(content) }).SECRET_KEY.exposeString()).toBe(value);
  });

  it('is refused when given twice, unreadable, empty, too large, a folder or a pipe that nobody writes', () => {
    const pipe = join(folder, randomUUID());
    execFileSync('mkfifo', [pipe]);
    const messages = [
      { SECRET_KEY: 'a', SECRET_KEY_FILE: file('b') },
      { SECRET_KEY_FILE: join(folder, 'absent') },
      { SECRET_KEY_FILE: file('') },
      { SECRET_KEY_FILE: file('x'.repeat(65_537)) },
      { SECRET_KEY_FILE: folder },
      { SECRET_KEY_FILE: pipe },
    ].map((environment) => refusal(schema, environment).fields);
    expect(messages).toEqual([
      [{ field: 'SECRET_KEY', message: 'set either SECRET_KEY or SECRET_KEY_FILE, not both' }],
      [{ field: 'SECRET_KEY_FILE', message: 'the file cannot be read' }],
      [{ field: 'SECRET_KEY', message: 'must be at least 1' }],
      [{ field: 'SECRET_KEY_FILE', message: 'the file is larger than 65536 bytes' }],
      [{ field: 'SECRET_KEY_FILE', message: 'is not a file' }],
      [{ field: 'SECRET_KEY_FILE', message: 'is not a file' }],
    ]);
  });

  it('alone is read from a file: another variable is not', () => {
    expect(loadConfig(schema, { SECRET_KEY: 'a', PLAIN_FILE: file('b') }).PLAIN).toBeUndefined();
    expect(loadConfig(schema, { SECRET_KEY: 'a', OTHER_FILE: file('b') }).OTHER?.exposeString()).toBe('b');
  });
});
