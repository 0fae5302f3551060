export type { AskRule, CompiledPolicy } from './compiled-policy.js';
export { PolicySet, type PolicyDecision, type PolicyQuery } from './policy-set.js';
export { POLICY_BUNDLE_TYPE, POLICY_LAYERS, PolicyBundle, PolicySource, type PolicyLayer } from './policy-source.js';
