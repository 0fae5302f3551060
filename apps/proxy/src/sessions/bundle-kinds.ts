import { CONNECTOR_BUNDLE_TYPE, ConnectorBundle, type ConnectorBundlePayload } from '@aileron/connectors';
import { POLICY_BUNDLE_TYPE, PolicyBundle, PolicySet } from '@aileron/policy';
import { ConnectorsInForce } from '../match/connectors-in-force.js';
import { type BundleKind } from './signed-bundle.holder.js';

/** What the two kinds of bundle hold, and how each is compiled. */
export const POLICY_KIND: BundleKind<PolicySet> = {
  bundle: 'policy',
  payloadType: POLICY_BUNDLE_TYPE,
  compile: (payload) => {
    const value = PolicySet.compile(payload);
    const { tenantId, version } = PolicyBundle.pick({ tenantId: true, version: true }).strip().parse(payload);
    return { tenantId, version, value };
  },
};

export const CONNECTOR_KIND: BundleKind<ConnectorsInForce> = {
  bundle: 'connector',
  payloadType: CONNECTOR_BUNDLE_TYPE,
  compile: (payload) => {
    const { tenantId, version, connectors } = ConnectorBundle.parse(payload) as unknown as ConnectorBundlePayload;
    return { tenantId, version, value: new ConnectorsInForce(version, connectors) };
  },
};
