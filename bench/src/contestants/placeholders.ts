/** What a client of a rewriting proxy sends instead of its credentials. */
export const PLACEHOLDERS = { graphql: 'lin_api_placeholder', rest: 'sk-ant-placeholder' } as const;
