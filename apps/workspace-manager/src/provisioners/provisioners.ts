import type { Provisioner, ProvisionerView } from '@aileron/contracts/workspace';
import { AileronError } from '@aileron/errors';
import type { WorkspaceProvisioner } from '@aileron/provisioner';
import { CLOCK, LOGGER, type Clock } from '@aileron/service-host';
import type { Logger } from '@aileron/telemetry';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type WorkspaceManagerConfig } from '../config.js';
import { makeProvisioners } from './make-provisioners.js';

const KINDS: readonly Provisioner[] = ['local', 'docker', 'kubernetes'];
const ASK_WITHIN_MS = 3_000;

/** The provisioners that this manager was given, by their kinds. */
@Injectable()
export class Provisioners {
  readonly #byKind: ReadonlyMap<Provisioner, WorkspaceProvisioner>;

  constructor(
    @Inject(CONFIG) { provisioners }: Pick<WorkspaceManagerConfig, 'provisioners'>,
    @Inject(CLOCK) clock: Clock,
    @Inject(LOGGER) log: Logger,
  ) {
    const all = Array.isArray(provisioners) ? provisioners : makeProvisioners(provisioners, { clock, log });
    this.#byKind = new Map(all.map((provisioner) => [provisioner.kind, provisioner]));
  }

  get all(): readonly WorkspaceProvisioner[] {
    return [...this.#byKind.values()];
  }

  /** @throws AileronError PROVISIONER_UNAVAILABLE when this manager has none of the kind */
  get(kind: Provisioner): WorkspaceProvisioner {
    const found = this.#byKind.get(kind);
    if (found === undefined) throw unavailable(kind, notConfigured(kind));
    return found;
  }

  /** @throws AileronError PROVISIONER_UNAVAILABLE saying what is missing, and what is there */
  async assertAvailable(kind: Provisioner): Promise<void> {
    const missing = await this.#missing(kind);
    if (missing === null) return;
    const others = KINDS.filter((other) => other !== kind && this.#byKind.has(other));
    const asked = await Promise.all(
      others.map(async (other) => ((await this.#missing(other)) === null ? [other] : [])),
    );
    throw unavailable(kind, missing, asked.flat());
  }

  list(): Promise<ProvisionerView[]> {
    return Promise.all(
      KINDS.map(async (provisioner) => {
        const missing = await this.#missing(provisioner);
        return { provisioner, available: missing === null, missing };
      }),
    );
  }

  async #missing(kind: Provisioner): Promise<string | null> {
    const provisioner = this.#byKind.get(kind);
    if (provisioner === undefined) return notConfigured(kind);
    return provisioner
      .missing(AbortSignal.timeout(ASK_WITHIN_MS))
      .catch(() => `The ${kind} provisioner does not answer.`);
  }
}

const notConfigured = (kind: Provisioner): string => `This installation has no ${kind} provisioner.`;

function unavailable(kind: Provisioner, missing: string, available: readonly Provisioner[] = []): AileronError {
  const instead = available.length === 0 ? '' : ` There is ${available.join(' and ')}.`;
  return new AileronError('PROVISIONER_UNAVAILABLE', {
    provisioner: kind,
    missing,
    available: [...available],
    fields: [{ field: 'provisioner', message: `${missing}${instead}` }],
  });
}
