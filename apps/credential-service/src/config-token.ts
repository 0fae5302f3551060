/** Injects the CredentialServiceConfig. */
export const CONFIG = Symbol('CredentialServiceConfig');
