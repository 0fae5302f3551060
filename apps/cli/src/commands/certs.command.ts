import { resolve } from 'node:path';
import { LOCAL_TENANT_ID } from '@aileron/contracts/rest';
import { AileronError } from '@aileron/errors';
import { ensureCertificates, PARTS } from '../certs/part-certificates.js';
import type { Register } from './register.js';

interface CertsOptions {
  readonly out?: string;
  readonly tenant: string;
  readonly host: readonly string[];
}

/** `aileron certs init` */
export const registerCerts: Register = (program, action) => {
  const certs = program.command('certs').description('certificates by which the parts know each other');
  certs
    .command('init')
    .description(`a development CA, and a certificate for each part (${PARTS.join(', ')}); what lasts is kept`)
    .option('--out <folder>', 'where to (default: certs in the home)')
    .option('--tenant <id>', 'the tenant that the parts serve', LOCAL_TENANT_ID)
    .option('--host <name...>', 'host names or addresses where the parts answer, beside loopback', [])
    .action(
      action<[CertsOptions]>(async ({ home, output }, { out, tenant, host }) => {
        if (!/^[0-9A-Za-z_-]{1,64}$/.test(tenant)) throw invalid('tenant', 'is not an id');
        const wrong = host.find((name) => !/^[0-9A-Za-z.:-]{1,253}$/.test(name));
        if (wrong !== undefined) throw invalid('host', 'is not a host name or an address');
        if (out === undefined) home.prepare();
        const directory = out === undefined ? home.path('certs') : resolve(out);
        const written = await ensureCertificates({ directory, tenantId: tenant, hosts: host, now: new Date() });
        output.result({ directory, written }, () =>
          written.length === 0 ? [`${directory}: all there, and they last`] : written,
        );
      }),
    );
};

const invalid = (field: string, message: string): AileronError =>
  new AileronError('INVALID_ARGUMENT', { fields: [{ field, message }] });
