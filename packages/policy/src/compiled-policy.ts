import {
  policySetTextToParts,
  policyToJson,
  validate,
  type PolicyJson,
  type Schema,
} from '@cedar-policy/cedar-wasm/nodejs';
import { AileronError } from '@aileron/errors';
import { z } from 'zod';
import { compileNative, type NativePolicy } from './native-policies.js';
import { PERMITTING_LAYERS, type PolicyLayer, type PolicySource } from './policy-source.js';

/** How a rule asks: a forbid that an approval of its name lifts. */
export interface AskRule {
  readonly rule: string;
  readonly approvers: readonly string[];
  readonly quorum: number;
  readonly ttlSeconds: number;
  /** Id of the policy. */
  readonly policy: string;
}

export interface CompiledPolicy {
  /** `<source id>/<its @id, or its number>` */
  readonly id: string;
  readonly layer: PolicyLayer;
  readonly text: string;
  readonly effect: 'permit' | 'forbid';
  /** The operations it speaks of; null: any. */
  readonly actions: readonly string[] | null;
  readonly ask: AskRule | null;
  /** The policy as a function; null when only Cedar evaluates it. */
  readonly native: NativePolicy | null;
}

const DEFAULT_TTL_SECONDS = 900;
const Annotations = z.looseObject({
  id: z.string().min(1).max(128).optional(),
  ask: z.string().min(1).max(128).optional(),
  approvers: z.string().max(1_024).default('owner'),
  quorum: z.coerce.number().int().min(1).max(16).default(1),
  ttl: z.coerce.number().int().min(10).max(604_800).default(DEFAULT_TTL_SECONDS),
});

/** The policies of a source. @throws AileronError POLICY_INVALID with the policy's id and what is wrong */
export function compileSource(source: PolicySource): CompiledPolicy[] {
  const parts = policySetTextToParts(source.cedar);
  if (parts.type === 'failure') throw invalid(source.id, parts.errors.map((error) => error.message).join('; '));
  if (parts.policy_templates.length > 0) throw invalid(source.id, 'templates are not used here');
  return parts.policies.map((text, index) => compilePolicy(source, text, index));
}

/** Every name, type and attribute that the policies use must be in the schema. */
export function validatePolicies(policies: readonly CompiledPolicy[], schemaText: string): void {
  const schema = readSchema(schemaText);
  const answer = validate({
    schema,
    policies: { staticPolicies: Object.fromEntries(policies.map(({ id, text }) => [id, text])) },
  });
  if (answer.type === 'failure') throw invalid('schema', answer.errors.map((error) => error.message).join('; '));
  const [first] = answer.validationErrors;
  if (first) throw invalid(first.policyId, first.error.message);
}

function readSchema(text: string): Schema {
  try {
    return JSON.parse(text) as Schema;
  } catch (cause) {
    throw invalid('schema', 'is not JSON', cause);
  }
}

function compilePolicy(source: PolicySource, text: string, index: number): CompiledPolicy {
  const parsed = policyToJson(text);
  if (parsed.type === 'failure')
    throw invalid(`${source.id}/${index}`, parsed.errors.map((error) => error.message).join('; '));
  const annotations = Annotations.safeParse(parsed.json.annotations ?? {});
  if (!annotations.success)
    throw invalid(`${source.id}/${index}`, `annotation ${annotations.error.issues[0]?.path.join('.')} is not valid`);
  const id = `${source.id}/${annotations.data.id ?? index}`;
  const { effect } = parsed.json;
  if (effect === 'permit' && !PERMITTING_LAYERS.includes(source.layer))
    throw invalid(id, `the ${source.layer} layer can only forbid`);
  if (effect === 'permit' && annotations.data.ask !== undefined)
    throw invalid(id, '@ask belongs on a forbid with `unless { context.approvals.contains(…) }`');
  const ask = askOf(id, annotations.data);
  const native = compileNative(parsed.json);
  return { id, layer: source.layer, text, effect, actions: actionsOf(parsed.json), ask, native };
}

function askOf(policy: string, { ask, approvers, quorum, ttl }: z.infer<typeof Annotations>): AskRule | null {
  if (ask === undefined) return null;
  return { rule: ask, approvers: approvers.split(',').map((each) => each.trim()), quorum, ttlSeconds: ttl, policy };
}

function actionsOf({ action }: PolicyJson): readonly string[] | null {
  if (action.op === 'All') return null;
  const uids = 'entities' in action ? action.entities : 'entity' in action ? [action.entity] : [];
  return uids.map((uid) => ('__entity' in uid ? uid.__entity.id : uid.id));
}

function invalid(policy: string, reason: string, cause?: unknown): AileronError {
  return new AileronError('POLICY_INVALID', { policy: policy.slice(0, 300), reason: reason.slice(0, 500) }, { cause });
}
