import { createHash } from 'node:crypto';
import { cedarSchema, CONNECTOR_BUNDLE_TYPE, defaultPolicies } from '@aileron/connectors';
import { AileronError } from '@aileron/errors';
import { POLICY_BUNDLE_TYPE, PolicySet } from '@aileron/policy';
import { importSigningKey, signEnvelope } from '@aileron/vault';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { CONFIG, type MgmtPlaneConfig } from '../config.js';
import { CLOCK, type Clock, LOGGER } from '@aileron/service-host';
import type { Logger } from '@aileron/telemetry';
import { ChangeSignal } from '../signals/change-signal.js';
import { BUNDLES } from '../signals/topics.js';
import { type BundleKind, BundlesRepository, type StoredBundle } from './bundles.repository.js';
import { InstalledConnectors } from './installed-connectors.js';
import { readPolicyFiles } from './policy-files.js';

const PAYLOAD_TYPES: Readonly<Record<BundleKind, string>> = {
  policy: POLICY_BUNDLE_TYPE,
  connector: CONNECTOR_BUNDLE_TYPE,
};
/** Another process publishing the same number at the same time: try the next. */
const PUBLISH_ATTEMPTS = 5;

export interface PublishedBundles {
  readonly policy: StoredBundle;
  readonly connector: StoredBundle;
}

/** Publishes what proxies enforce: the installed connectors, and the policies made from them and from the home's files. */
@Injectable()
export class BundlesService implements OnModuleInit {
  #current: PublishedBundles | null = null;

  constructor(
    @Inject(CONFIG) private readonly config: MgmtPlaneConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly log: Logger,
    @Inject(InstalledConnectors) private readonly connectors: InstalledConnectors,
    @Inject(BundlesRepository) private readonly bundles: BundlesRepository,
    @Inject(ChangeSignal) private readonly changes: ChangeSignal,
  ) {}

  /** What is in force. */
  get current(): PublishedBundles {
    if (this.#current === null) throw new AileronError('UNAVAILABLE', { reason: 'no policy is published yet' });
    return this.#current;
  }

  /** At start an invalid policy leaves the last one published in force; with none before, the start fails. */
  async onModuleInit(): Promise<void> {
    const connector = await this.#publish('connector', { connectors: this.connectors.all });
    try {
      this.#current = { connector, policy: await this.#publishPolicy() };
    } catch (error) {
      const last = await this.bundles.findLatest(this.config.tenant.tenantId, 'policy');
      // One that an earlier administrator key signed is no use: proxies would refuse it.
      if (!AileronError.is(error, 'POLICY_INVALID') || last?.keyId !== this.config.adminSigningKey.keyId) throw error;
      this.log.error({ err: error, version: last.version }, 'policy.invalid-kept-last');
      this.#current = { connector, policy: last };
    }
  }

  /** Reads the policy files again. POLICY_INVALID names the file, and what was in force stays. */
  async reloadPolicy(): Promise<StoredBundle> {
    const policy = await this.#publishPolicy();
    this.#current = { ...this.current, policy };
    this.changes.notify(BUNDLES);
    return policy;
  }

  async #publishPolicy(): Promise<StoredBundle> {
    const connectors = this.connectors.all;
    const policies = [...defaultPolicies(connectors), ...(await readPolicyFiles(this.config.policyDirectory))];
    const content = { schema: cedarSchema(connectors), policies };
    // Compiled once here, so that what cannot be enforced is never published.
    PolicySet.compile({ tenantId: this.config.tenant.tenantId, version: 1, issuedAt: this.#now(), ...content });
    return this.#publish('policy', content);
  }

  /** The latest bundle if it has this content and our signature, or the next version of it. */
  async #publish(kind: BundleKind, content: object): Promise<StoredBundle> {
    const { tenantId } = this.config.tenant;
    const { keyId } = this.config.adminSigningKey;
    const contentSha256 = createHash('sha256').update(JSON.stringify(content)).digest();
    for (let attempt = 0; attempt < PUBLISH_ATTEMPTS; attempt += 1) {
      const latest = await this.bundles.findLatest(tenantId, kind);
      if (latest !== null && latest.keyId === keyId && contentSha256.equals(latest.contentSha256)) return latest;
      const version = (latest?.version ?? 0) + 1;
      const envelope = await this.#sign(kind, { tenantId, version, issuedAt: this.#now(), ...content });
      const bundle = { tenantId, kind, version, contentSha256, keyId, envelope };
      if (await this.bundles.insert({ ...bundle, createdAt: new Date(this.clock.now()) })) {
        this.log.info({ kind, version }, 'bundle.published');
        return bundle;
      }
    }
    throw new AileronError('CONFLICT', { kind });
  }

  async #sign(kind: BundleKind, payload: object): Promise<Uint8Array> {
    const key = await importSigningKey(this.config.adminSigningKey);
    const bytes = new TextEncoder().encode(JSON.stringify(payload));
    const envelope = await signEnvelope({ payloadType: PAYLOAD_TYPES[kind], payload: bytes, key });
    return new TextEncoder().encode(JSON.stringify(envelope));
  }

  #now(): string {
    return new Date(this.clock.now()).toISOString();
  }
}
