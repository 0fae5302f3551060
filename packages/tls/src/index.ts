export { MAX_CLIENT_HELLO_BYTES, parseClientHello, type ClientHello } from './client-hello.js';
export { SessionCa, type LeafContext, type SessionCaInput } from './session-ca.js';
export { bundlePem } from './trust-bundle.js';
export { createPartAuthority, issuePartCertificate, type CertificateAndKey } from './part-certificates.js';
