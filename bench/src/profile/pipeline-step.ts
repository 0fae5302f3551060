/** Which part of a call a source file works for. The first that fits; the path is what a profile says. */
const STEPS: readonly (readonly [RegExp, string])[] = [
  [/\/apps\/proxy\/dist\/(?:listener|tunnel|agent-api)\//, 'accept, tunnel'],
  [/\/apps\/proxy\/dist\/parse\//, 'parse, answer'],
  [/\/apps\/proxy\/dist\/match\/|\/packages\/connectors\/|\/node_modules\/graphql\//, 'match, validate, read usage'],
  [/\/apps\/proxy\/dist\/decide\/|\/packages\/policy\/|cedar-wasm|^wasm:/, 'policy'],
  [/\/apps\/proxy\/dist\/hold\//, 'digest, hold'],
  [/\/apps\/proxy\/dist\/record\/|\/packages\/audit\//, 'audit: intent, outcome, shipment'],
  [/\/apps\/credential-service\/|\/packages\/vault\/|\/node_modules\/@hpke\//, 'decrypt'],
  [/\/apps\/proxy\/dist\/inject\//, 'inject, scrub'],
  [/\/apps\/proxy\/dist\/upstream\/|\/packages\/egress\//, 'dial, send, read'],
  [/\/apps\/proxy\/dist\/sessions\/|\/packages\/tls\/|@peculiar|\/asn1js\/|pvtsutils/, 'sessions, leaves'],
  [/\/apps\/proxy\//, 'pipeline'],
  [/\/packages\/service-host\/|\/packages\/contracts\/|@bufbuild|grpc-js/, 'calls between services'],
  [/\/packages\/telemetry\/|prom-client|@opentelemetry|\/pino/, 'metrics, traces, logs'],
  [
    /\/apps\/mgmt-plane\/|\/packages\/database\/|prisma|\/node_modules\/pg|@nestjs|\/zod\//,
    'management plane and its database client',
  ],
];

export const GARBAGE = 'garbage collection';
export const NATIVE = 'native, outside JavaScript (TLS records, sockets, the event loop)';
export const NODE = "Node's own TLS, streams and timers";

/** Null: nobody's in particular, so that whoever called it has it. */
export function stepOf({ url, functionName }: { readonly url: string; readonly functionName: string }): string | null {
  if (functionName === '(garbage collector)') return GARBAGE;
  if (functionName === '(program)') return NATIVE;
  return STEPS.find(([pattern]) => pattern.test(url))?.[1] ?? null;
}
