import type { EffectiveFirewall, FirewallSettings } from '@aileron/contracts/workspace';
import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type WorkspaceManagerConfig } from '../config.js';
import type { SessionFirewall } from '../sessions/execution-session.port.js';

type DomainOf = EffectiveFirewall['workspace']['domains'][number];

/** The six settings of a workspace with the platform's own domains. */
@Injectable()
export class FirewallService {
  constructor(@Inject(CONFIG) private readonly config: Pick<WorkspaceManagerConfig, 'platformDomains'>) {}

  /** What the proxy enforces beside the hosts of connectors. */
  sessionFirewall(settings: FirewallSettings): SessionFirewall {
    return {
      networkAccess: settings.workspace_firewall_network_access_enabled,
      mode: settings.workspace_firewall_domain_access_mode,
      domains: [...new Set(this.#domains(settings, []).map(({ domain }) => domain))],
    };
  }

  effective(settings: FirewallSettings, connectorDomains: readonly string[]): EffectiveFirewall {
    return {
      settings,
      workspace: {
        networkAccess: settings.workspace_firewall_network_access_enabled,
        mode: settings.workspace_firewall_domain_access_mode,
        domains: this.#domains(settings, connectorDomains),
      },
    };
  }

  #domains(settings: FirewallSettings, connectorDomains: readonly string[]): DomainOf[] {
    const connectors = connectorDomains.map((domain) => ({ domain, source: 'connector' as const }));
    // What is denied but for connectors has no list.
    if (settings.workspace_firewall_domain_access_mode === 'deny') return connectors;
    const own = settings.workspace_firewall_allowed_domains.map((domain) => ({ domain, source: 'workspace' as const }));
    const platform = this.config.platformDomains.map((domain) => ({ domain, source: 'platform' as const }));
    return [...platform, ...connectors, ...own];
  }
}
