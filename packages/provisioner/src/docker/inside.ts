import { INSIDE } from '@aileron/sandbox';

/** Who is who in a workspace's container. The image has the first two. */
export const USERS = {
  /** Agents, shells and what they start; its group is shared with the parts. */
  agent: { uid: 10_000, gid: 10_000 },
  /** Runtime and terminals, when the manager is root; else they are the manager's own user, who owns their sockets. */
  part: { uid: 10_001 },
} as const;

/** Where things are in the container, beside what every sandbox of ours has. */
export const PLACES = {
  ...INSIDE,
  /** Sockets and settings of the parts, theirs alone. */
  parts: '/run/workspace',
  /** The session's runtime directory, the forwarder's alone. */
  proxy: '/run/proxy',
  /** The filter of system calls of every sandbox of ours, and what puts a command under it. */
  filter: `${INSIDE.platform}/lib/seccomp.bpf`,
  confine: '/usr/lib/aileron/confine',
  node: '/usr/lib/aileron/bin/node',
  init: '/usr/lib/aileron/init',
} as const;

/**
 * Puts a command into the agents' user, without any of the part's capabilities, the first to go when memory is short, and under our filter
 * beside the engine's: that one lets sockets to the hypervisor (vsock) and input pushed into terminals through where it is old.
 */
export const AGENT_PREFIX: readonly string[] = [
  '/usr/bin/choom',
  '-n',
  '500',
  '--',
  '/usr/bin/setpriv',
  '--reuid',
  String(USERS.agent.uid),
  '--regid',
  String(USERS.agent.gid),
  '--clear-groups',
  '--inh-caps=-all',
  '--ambient-caps=-all',
  '--no-new-privs',
  '--',
  PLACES.confine,
  PLACES.filter,
  '/usr/bin/env',
  '-C',
  INSIDE.project,
];
