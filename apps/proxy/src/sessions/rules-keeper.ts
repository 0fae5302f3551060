import { AileronError } from '@aileron/errors';
import { type PolicySet } from '@aileron/policy';
import { type VerifyingKey } from '@aileron/vault';
import { type RulesInForce } from '../decide/recheck-call.js';
import { type ConnectorsInForce } from '../match/connectors-in-force.js';
import { type SignedBundle } from '../ports/data-plane.port.js';
import { type BundleVersions } from './bundle-versions.js';
import { CONNECTOR_KIND, POLICY_KIND } from './bundle-kinds.js';
import { type BundleEvent, SignedBundleHolder } from './signed-bundle.holder.js';

export interface RulesKeeperOptions {
  readonly tenantId: string;
  readonly admins: readonly VerifyingKey[];
  /** What was accepted before, over restarts. */
  readonly versions: BundleVersions;
  /** Throws when the rules cannot be enforced. */
  readonly selfTest: (rules: RulesInForce) => Promise<void>;
  readonly onBundle: (event: BundleEvent) => Promise<void>;
  readonly onSelfTest: (failure: AileronError | null) => Promise<void>;
  readonly onFault: (event: string, error: unknown) => void;
}

/** The bundles in force. What was not proved to be enforced is not in force. */
export class RulesKeeper {
  readonly #options: RulesKeeperOptions;
  readonly #policy: SignedBundleHolder<PolicySet>;
  readonly #connectors: SignedBundleHolder<ConnectorsInForce>;
  #rules: RulesInForce | null = null;

  constructor(options: RulesKeeperOptions) {
    this.#options = options;
    this.#policy = new SignedBundleHolder({ kind: POLICY_KIND, ...options });
    this.#connectors = new SignedBundleHolder({ kind: CONNECTOR_KIND, ...options });
  }

  /** ENFORCEMENT_UNAVAILABLE until there are both bundles, and when the self-test failed. */
  get current(): RulesInForce {
    if (this.#rules === null) throw new AileronError('ENFORCEMENT_UNAVAILABLE', { reason: 'no-rules' });
    return this.#rules;
  }

  get inForce(): boolean {
    return this.#rules !== null;
  }

  /** True when other rules are in force now. Connectors first: a policy may name the operations of a new one. */
  async install(bundles: { connector: SignedBundle | null; policy: SignedBundle | null }): Promise<boolean> {
    const events = [
      bundles.connector === null ? null : await this.#connectors.install(bundles.connector),
      bundles.policy === null ? null : await this.#policy.install(bundles.policy),
    ].filter((event) => event !== null);
    await this.#saveVersions();
    for (const event of events) await this.#options.onBundle(event);
    if (!events.some(({ event }) => event === 'installed')) return false;
    return await this.prove();
  }

  /** Tests what is installed; what fails is out of force at once. True when other rules are in force than before. */
  async prove(): Promise<boolean> {
    await this.#saveVersions();
    if (!this.#policy.installed || !this.#connectors.installed) return false;
    const before = this.#rules;
    const rules = { connectors: this.#connectors.current, policy: this.#policy.current };
    try {
      await this.#options.selfTest(rules);
      const same = before?.connectors === rules.connectors && before.policy === rules.policy;
      if (!same) this.#rules = rules;
      if (before === null) await this.#options.onSelfTest(null);
      return !same;
    } catch (error) {
      this.#rules = null;
      await this.#options.onSelfTest(AileronError.from(error));
      return true;
    }
  }

  /** A disk that takes nothing does not keep the newest rules from coming into force; it is tried again. */
  async #saveVersions(): Promise<void> {
    await this.#options.versions.save().catch((error: unknown) => this.#options.onFault('bundle.version-lost', error));
  }
}
