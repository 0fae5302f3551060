import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ListSessionsResponse, LOCAL_TENANT_ID } from '@aileron/contracts/rest';
import { issuePartCertificate } from '@aileron/tls';
import { eventually } from '../drill-clock.ts';
import { DrillHome } from '../drill-home.ts';

const BORN_MS = 180_000;
const STARTS = 6;

/** The execution plane of a home, its parts apart, and the certificate by which a manager may speak to it. */
export class MgmtPart {
  readonly #home = new DrillHome('split', { upstreamMap: [] });

  async start(): Promise<void> {
    // A machine that is busy may be late for the parts' own deadlines.
    for (let left = STARTS; ; left -= 1) {
      try {
        await this.#home.start();
        break;
      } catch (error) {
        await this.#home.stop();
        if (left === 1) throw error;
      }
    }
    await this.#certify();
  }

  get home(): DrillHome {
    return this.#home;
  }

  get tlsDirectory(): string {
    return join(this.#home.root, 'certs', 'workspace-manager');
  }

  /** host:port of the management plane's gRPC, which stays when it is started anew. */
  get address(): string {
    const pid = this.#home.pidOf('mgmt-plane');
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    const address = environment.find((line) => line.startsWith('AILERON_LISTEN='))?.split('=')[1];
    if (address === undefined) throw new Error('the management plane does not say where it listens');
    return address;
  }

  /** kill -9; it is started again by itself. */
  async killAndAwait(): Promise<void> {
    const pid = this.#home.pidOf('mgmt-plane');
    if (pid === undefined) return;
    process.kill(pid, 'SIGKILL');
    const another = () => {
      const now = this.#home.pidOf('mgmt-plane');
      return now === undefined || now === pid ? undefined : true;
    };
    await eventually('the management plane is started again', another, BORN_MS);
  }

  /** Sessions that are not over. */
  async liveSessions(): Promise<string[]> {
    const states = ['starting', 'active'] as const;
    const found = await Promise.all(
      states.map((state) =>
        this.#home.call({ method: 'GET', path: `/v1/sessions?state=${state}&limit=500`, schema: ListSessionsResponse }),
      ),
    );
    return found.flatMap(({ sessions }) => sessions.map(({ sessionId }) => sessionId));
  }

  async #certify(): Promise<void> {
    const read = (name: string): string => readFileSync(join(this.#home.root, 'certs', name), 'utf8');
    const authority = { certificatePem: read('ca.crt'), privateKeyPem: read('ca.key') };
    const own = await issuePartCertificate({
      authority,
      part: 'workspace-manager',
      tenantId: LOCAL_TENANT_ID,
      hosts: ['127.0.0.1'],
      now: new Date(),
    });
    mkdirSync(this.tlsDirectory, { recursive: true, mode: 0o700 });
    const write = (name: string, text: string): void =>
      writeFileSync(join(this.tlsDirectory, name), text, { mode: 0o600 });
    write('ca.crt', authority.certificatePem);
    write('tls.crt', own.certificatePem);
    write('tls.key', own.privateKeyPem);
  }
}
