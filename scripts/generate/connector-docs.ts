import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { catalogueTable, compileConnector, type ConnectorSource } from '../../packages/connectors/dist/index.js';
import { ROOT } from '../run-command.ts';
import { generatedNote, type GeneratedFile } from './generated-file.ts';

const FOLDER = 'packages/connectors';

export async function connectorDocs(): Promise<GeneratedFile> {
  const folders = readdirSync(join(ROOT, FOLDER)).filter((name) =>
    existsSync(join(ROOT, FOLDER, name, 'connector.yaml')),
  );
  if (folders.length === 0) throw new Error(`no connector was found in ${FOLDER}`);
  const connectors = await Promise.all(
    folders.toSorted().map(async (name) => compileConnector(await readSource(name))),
  );
  const sections = connectors.map((connector) => {
    const hosts = connector.hosts.map((host) => `\`${host}\``).join(', ');
    return `## ${connector.name}\n\nOwns ${hosts}; see [its folder](../${FOLDER}/${connector.name}).\n\n${catalogueTable([connector])}\n`;
  });
  const text = `${generatedNote(`${FOLDER}/*/openapi.yaml and connector.yaml`)}
# Connectors

The actions that agents can ask for. An action that is not listed is refused on the hosts that a connector owns. What policy says by default an administrator can change.

${sections.join('\n')}`;
  return { path: 'docs/connectors.md', text };
}

async function readSource(name: string): Promise<ConnectorSource> {
  const built = join(ROOT, FOLDER, name, 'dist/index.js');
  const { source } = (await import(pathToFileURL(built).href)) as { source: ConnectorSource };
  return source;
}
