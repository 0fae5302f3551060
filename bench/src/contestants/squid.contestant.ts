import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COLD_DOMAIN, coldHost, GRAPHQL_HOST, MOST_COLD_HOSTS, REST_HOST } from '../bench-hosts.js';
import type { Dial } from '../generator/dial.js';
import { freePort } from '../machine/free-port.js';
import { runProgram } from '../machine/run-program.js';
import { listens, SpawnedProgram } from '../machine/spawned-program.js';
import { ColdHosts } from './cold-hosts.js';
import { ContestantMissing, type Contestant, type ContestantInput } from './contestant.js';
import { PLACEHOLDERS } from './placeholders.js';

const CERTGEN = '/usr/lib/squid/security_file_certgen';

interface SquidFiles {
  readonly directory: string;
  readonly port: number;
}

/** TLS bump of everything, one header replaced, nothing cached or logged: the least that squid can be asked to do. */
const configuration = ({ directory, port }: SquidFiles, { upstream }: ContestantInput): string => `
http_port 127.0.0.1:${port} ssl-bump tls-cert=${directory}/ca.pem tls-key=${directory}/ca.key generate-host-certificates=on dynamic_cert_mem_cache_size=16MB
sslcrtd_program ${CERTGEN} -s ${directory}/ssl_db -M 16MB
sslcrtd_children 4 startup=2 idle=1
ssl_bump bump all
tls_outgoing_options cafile=${directory}/upstream-ca.pem
hosts_file ${directory}/hosts
http_access allow all
request_header_access Authorization deny all
request_header_replace Authorization ${upstream.credentials.graphql}
request_header_access X-Api-Key deny all
request_header_replace X-Api-Key ${upstream.credentials.rest}
# A POST on a connection that is open already, as everybody else here sends it.
server_pconn_for_nonretriable allow all
via off
forwarded_for delete
cache deny all
cache_mem 0 MB
access_log none
cache_store_log none
cache_log ${directory}/cache.log
pid_filename none
netdb_filename none
pinger_enable off
coredump_dir ${directory}
max_filedescriptors 16384
shutdown_lifetime 1 second
${process.getuid?.() === 0 ? 'cache_effective_user proxy' : ''}
`;

export async function startSquid(input: ContestantInput): Promise<Contestant> {
  if (!existsSync(CERTGEN)) throw new ContestantMissing('squid-openssl is not installed');
  const files = { directory: input.directory, port: await freePort() };
  await writeFiles(files, input);
  const program = new SpawnedProgram({
    command: '/usr/sbin/squid',
    args: ['-N', '-f', join(files.directory, 'squid.conf')],
  });
  try {
    await program.ready(() => listens(files.port));
  } catch (error) {
    await program.close();
    const log = join(files.directory, 'cache.log');
    throw new Error(existsSync(log) ? readFileSync(log, 'utf8').slice(-2_000) : 'squid did not start', {
      cause: error,
    });
  }
  const caPem = readFileSync(join(files.directory, 'ca.pem'), 'utf8');
  const dial: Dial = { proxy: { port: files.port }, port: input.upstream.port, caPem, credentials: PLACEHOLDERS };
  const cold = new ColdHosts(dial);
  const version = /Version (\S+)/.exec(await runProgram('/usr/sbin/squid', ['-v']))?.[1] ?? '?';
  return {
    name: 'squid',
    version: `squid-openssl ${version}`,
    dial,
    processes: () => [program.pid],
    coldTunnels: (count) => Promise.resolve(cold.take(count)),
    close: () => program.close(),
  };
}

async function writeFiles(files: SquidFiles, input: ContestantInput): Promise<void> {
  const { directory } = files;
  const path = (name: string): string => join(directory, name);
  await makeAuthority({ certificate: path('ca.pem'), key: path('ca.key') });
  const hosts = [GRAPHQL_HOST, REST_HOST, ...Array.from({ length: MOST_COLD_HOSTS }, (_, n) => coldHost(n + 1))];
  writeFileSync(path('hosts'), hosts.map((host) => `127.0.0.1 ${host}\n`).join(''));
  writeFileSync(path('upstream-ca.pem'), input.upstream.caPem);
  writeFileSync(path('squid.conf'), configuration(files, input));
  await runProgram(CERTGEN, ['-c', '-s', path('ssl_db'), '-M', '16MB']);
  if (process.getuid?.() !== 0) return;
  mkdirSync('/run/squid', { recursive: true });
  chmodSync(directory, 0o755);
  await runProgram('chown', ['-R', 'proxy:proxy', directory]);
}

/** An authority on P-256, like ours: with the RSA keys of its documentation its handshakes would cost more. */
async function makeAuthority({ certificate, key }: { certificate: string; key: string }): Promise<void> {
  const subject = ['-subj', `/CN=bench authority of ${COLD_DOMAIN}`, '-days', '2'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const extensions = [
    '-addext',
    'basicConstraints=critical,CA:TRUE',
    '-addext',
    'keyUsage=critical,keyCertSign,cRLSign',
  ];
  await runProgram('openssl', [
    'req',
    '-x509',
    ...curve,
    '-keyout',
    key,
    '-out',
    certificate,
    ...subject,
    ...extensions,
  ]);
}
