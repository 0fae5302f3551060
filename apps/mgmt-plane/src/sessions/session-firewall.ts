import { DomainAccessMode as ModeMessage, type Firewall, type FirewallSchema } from '@aileron/contracts/grpc';
import { AllowedDomain, DomainAccessMode } from '@aileron/contracts/workspace';
import { AileronError } from '@aileron/errors';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { z } from 'zod';

/** The workspace's own and the platform's. */
const MOST_DOMAINS = 1_000;

/** What a session may reach beside the connectors' hosts. */
export const SessionFirewall = z.strictObject({
  /** False: nothing leaves. */
  networkAccess: z.boolean(),
  mode: DomainAccessMode,
  domains: z.array(AllowedDomain).max(MOST_DOMAINS),
});
export type SessionFirewall = z.infer<typeof SessionFirewall>;

const NOTHING: SessionFirewall = { networkAccess: false, mode: 'deny', domains: [] };

/** As it is stored: the same settings are the same text. */
export function writeFirewall({ networkAccess, mode, domains }: SessionFirewall): string {
  return JSON.stringify({ networkAccess, mode, domains: [...new Set(domains)].toSorted() });
}

/** What is stored. Text that is not one lets nothing out. */
export function readFirewall(text: string): SessionFirewall {
  try {
    const parsed = SessionFirewall.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : NOTHING;
  } catch {
    return NOTHING;
  }
}

/** What a caller sent. INVALID_ARGUMENT names the field. */
export function firewallOf(message: Firewall | undefined): SessionFirewall {
  if (message === undefined) throw invalid('firewall', 'is missing');
  const { networkAccess, domains } = message;
  const parsed = SessionFirewall.safeParse({ networkAccess, mode: MODES[message.mode], domains });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(['firewall', ...(issue?.path ?? [])].join('.'), issue?.message ?? 'is not valid');
}

export function firewallMessage({
  networkAccess,
  mode,
  domains,
}: SessionFirewall): MessageInitShape<typeof FirewallSchema> {
  return { networkAccess, mode: mode === 'allowlist' ? ModeMessage.ALLOWLIST : ModeMessage.DENY, domains };
}

const MODES: Readonly<Partial<Record<ModeMessage, SessionFirewall['mode']>>> = {
  [ModeMessage.ALLOWLIST]: 'allowlist',
  [ModeMessage.DENY]: 'deny',
};

const invalid = (field: string, message: string) =>
  new AileronError('INVALID_ARGUMENT', { fields: [{ field, message }] });
