/** The hosts that the one upstream plays. Aileron owns both; the others are told where they are. */
export const GRAPHQL_HOST = 'api.linear.app';
export const REST_HOST = 'api.anthropic.com';

/** Hosts that nobody has seen before, for cold tunnels: `<n>.cold.bench.test`. */
export const COLD_DOMAIN = 'cold.bench.test';
export const coldHost = (n: number): string => `h${n}.${COLD_DOMAIN}`;
export const MOST_COLD_HOSTS = 2_000;

export const LARGE_BYTES = 10 << 20;
export const SMALL_BYTES = 1_024;
