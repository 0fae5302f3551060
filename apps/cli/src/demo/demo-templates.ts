/** What the workspaces of a demo are made from. */
export const DEMO_TEMPLATES = [
  {
    name: 'demo',
    description: 'An empty project with Claude Code and our fake agent; model and Linear are played on this machine.',
    agents: ['claude-code', 'fake'],
  },
];
