/** What runs in a terminal that is measured: nothing of the person's own. */
export const SHELL = {
  command: ['/bin/bash', '--norc', '--noprofile'],
  environment: { PATH: '/usr/bin:/bin', PS1: '$ ', TERM: 'xterm-256color' },
} as const;
