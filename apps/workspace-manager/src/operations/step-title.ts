/** What people read of the steps that provisioners name. */
const TITLES: Readonly<Record<string, string>> = {
  volume: 'Prepare the volume',
  session: 'Open the execution-plane session',
  parts: 'Start runtime and terminal',
  agents: 'Install the agents',
  image: 'Get the image',
  container: 'Start the container',
  sandbox: 'Prepare the sandbox',
  runtime: 'Start the runtime',
  terminal: 'Start the terminal',
};

/** One that is not known is named as it is. */
export const stepTitle = (name: string): string => (Object.hasOwn(TITLES, name) ? (TITLES[name] ?? name) : name);
