/** What a new slice is called, in the cases its files need. */
export interface SliceNames {
  /** kebab-case, plural by habit: `retention-rules` */
  readonly file: string;
  /** `RetentionRules` */
  readonly type: string;
  /** `retentionRules` */
  readonly value: string;
  /** `RetentionRule` */
  readonly item: string;
  /** `retentionRuleId` */
  readonly itemId: string;
}

const MOST_CHARACTERS = 40;

/** Throws for a name that is not kebab-case. */
export function sliceNames(name: string): SliceNames {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > MOST_CHARACTERS) {
    throw new Error(
      `${name} is not a slice name: lower-case words with hyphens, at most ${MOST_CHARACTERS} characters`,
    );
  }
  const type = name.replaceAll(/(?:^|-)([a-z0-9])/g, (_match, first: string) => first.toUpperCase());
  const item = type.length > 3 && type.endsWith('s') ? type.slice(0, -1) : type;
  const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
  return { file: name, type, value: lower(type), item, itemId: `${lower(item)}Id` };
}

export interface SliceFile {
  /** Relative to the app's src. */
  readonly path: string;
  readonly text: string;
}

export type SliceTransport = 'http' | 'grpc';

/**
 * A slice that compiles and refuses: nothing exists until the repository has a table, nobody may call until a method
 * says who may. Its test says so, and is to be changed with it.
 */
export function sliceFiles(names: SliceNames, transport: SliceTransport): SliceFile[] {
  const at = (kind: string, text: string) => ({ path: `${names.file}/${names.file}.${kind}.ts`, text });
  const door = transport === 'http' ? at('http', http(names)) : at('grpc', grpc(names));
  return [
    at('repository', repository(names)),
    at('service', service(names)),
    door,
    at('module', module(names, transport)),
    at('service.test', test(names)),
  ];
}

const repository = ({ type, item, itemId }: SliceNames) => `import { Injectable } from '@nestjs/common';

/** The tenant is part of every key: there is no query without it. */
export interface ${item}Key {
  readonly tenantId: string;
  readonly ${itemId}: string;
}

export interface ${item}Row extends ${item}Key {
  readonly createdAt: Date;
}

@Injectable()
export class ${type}Repository {
  /** There is no table yet, so nothing exists. */
  find(_key: ${item}Key): Promise<${item}Row | null> {
    return Promise.resolve(null);
  }
}
`;

const service = ({ file, type, value, item, itemId }: SliceNames) => `import { AileronError } from '@aileron/errors';
import { Inject, Injectable } from '@nestjs/common';
import { ${type}Repository, type ${item}Key, type ${item}Row } from './${file}.repository.js';

@Injectable()
export class ${type}Service {
  constructor(@Inject(${type}Repository) private readonly ${value}: ${type}Repository) {}

  /** Throws NOT_FOUND, for what another tenant has as for what nobody has. */
  async get(key: ${item}Key): Promise<${item}Row> {
    const found = await this.${value}.find(key);
    if (found === null) throw new AileronError('NOT_FOUND', { ${itemId}: key.${itemId} });
    return found;
  }
}
`;

const http = ({ file, type, value, item, itemId }: SliceNames) => `import { RequireLocalToken } from '@aileron/auth';
import { ZodParam } from '@aileron/service-host';
import { Controller, Get, Inject } from '@nestjs/common';
import { z } from 'zod';
import { IdentityService } from '../identity/identity.service.js';
import { ${type}Service } from './${file}.service.js';

/** To be moved to packages/contracts/src/rest: the contract comes first. */
const ${item}Id = z.string().min(1).max(64);
const ${item}View = z.strictObject({ ${itemId}: ${item}Id, createdAt: z.iso.datetime() });
type ${item}View = z.infer<typeof ${item}View>;

@Controller('v1/${file}')
export class ${type}Http {
  constructor(
    @Inject(${type}Service) private readonly ${value}: ${type}Service,
    @Inject(IdentityService) private readonly identity: IdentityService,
  ) {}

  @Get(':${itemId}')
  @RequireLocalToken()
  async get(@ZodParam('${itemId}', ${item}Id) ${itemId}: string): Promise<${item}View> {
    const { tenantId } = this.identity.localCaller;
    const { createdAt } = await this.${value}.get({ tenantId, ${itemId} });
    return { ${itemId}, createdAt: createdAt.toISOString() };
  }
}
`;

const grpc = ({ file, type, value, itemId }: SliceNames) => `import { AileronError } from '@aileron/errors';
import type { CallContext } from '@aileron/service-host';
import { Inject, Injectable } from '@nestjs/common';
import { ${type}Service } from './${file}.service.js';

/** To become a ServiceImpl of the contract's service (packages/contracts/proto), and a provider in src/service.ts. */
@Injectable()
export class ${type}Grpc {
  constructor(@Inject(${type}Service) private readonly ${value}: ${type}Service) {}

  /** Nobody may call until this names who may. */
  async get(request: { tenantId: string; id: string }, context: CallContext) {
    if (!CALLERS.has(context.peer)) throw new AileronError('PERMISSION_DENIED', { peer: context.peer });
    return this.${value}.get({ tenantId: request.tenantId, ${itemId}: request.id });
  }
}

const CALLERS: ReadonlySet<string> = new Set();
`;

const module = ({ file, type }: SliceNames, transport: SliceTransport) => {
  const identity = transport === 'http' ? `import { IdentityModule } from '../identity/identity.module.js';\n` : '';
  const door = transport === 'http' ? `${type}Http` : `${type}Grpc`;
  const parts =
    transport === 'http'
      ? `imports: [IdentityModule], controllers: [${door}], providers: [${type}Repository, ${type}Service]`
      : `providers: [${type}Repository, ${type}Service, ${door}], exports: [${door}]`;
  return `import { Module } from '@nestjs/common';
${identity}import { ${door} } from './${file}.${transport}.js';
import { ${type}Repository } from './${file}.repository.js';
import { ${type}Service } from './${file}.service.js';

@Module({ ${parts} })
export class ${type}Module {}
`;
};

const test = ({ file, type, value, itemId }: SliceNames) => `import { describe, expect, it } from '@jest/globals';
import { ${type}Repository } from './${file}.repository.js';
import { ${type}Service } from './${file}.service.js';

const ${value} = new ${type}Service(new ${type}Repository());

describe('get', () => {
  it('says that what another tenant has does not exist', async () => {
    const found = ${value}.get({ tenantId: 'ten_other', ${itemId}: 'one' });
    await expect(found).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
`;
