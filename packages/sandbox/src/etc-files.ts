import { INSIDE } from './sandbox-plan.js';

/** The sandbox's own /etc, by path below it: as little as libc and common tools need. */
export function etcFiles(): Readonly<Record<string, string>> {
  return {
    passwd: `root:x:0:0:root:/nonexistent:/usr/sbin/nologin\nagent:x:${INSIDE.uid}:${INSIDE.gid}:agent:${INSIDE.home}:/bin/sh\n`,
    group: `root:x:0:\nagent:x:${INSIDE.gid}:\n`,
    hosts: '127.0.0.1 localhost\n::1 localhost\n',
    hostname: 'aileron\n',
    // There is no name server: names are resolved by the proxy.
    'resolv.conf': '',
    'nsswitch.conf': 'passwd: files\ngroup: files\nshadow: files\nhosts: files\nservices: files\nprotocols: files\n',
  };
}

/** Files of the host's /etc that hold no secret and without which dynamic linking, time or shells break. */
export const HOST_ETC_PATHS = [
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'alternatives',
  'localtime',
  'timezone',
  'services',
  'protocols',
  'mime.types',
  'terminfo',
  'ssl/openssl.cnf',
  'magic',
] as const;

/** Where distributions keep the bundle of public roots. */
export const HOST_CERTIFICATE_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
] as const;
