import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { compileConnector, type Connector } from '@aileron/connectors';
import { connectorContents } from './connector-contents.js';
import { buildRequest } from './inside/shim/build-request.js';
import { commandText, overviewText } from './inside/shim/help-text.js';
import { parseArgv } from './inside/shim/parse-argv.js';
import type { ShimSpec } from './inside/shim/shim-spec.js';

async function connector(name: string): Promise<Connector> {
  const text = (file: string) => readFile(new URL(`../../connectors/${name}/${file}`, import.meta.url), 'utf8');
  return compileConnector({ name, openapi: await text('openapi.yaml'), overlay: await text('connector.yaml') });
}

describe('what connectors put into a sandbox', () => {
  it('is a command with its placeholder, the catalogue and the list of tools', async () => {
    const contents = connectorContents([await connector('linear'), await connector('anthropic')]);
    expect(contents.shims.map((shim) => shim.name)).toContain('linear');
    expect(contents.placeholderEnv).toMatchObject({
      LINEAR_API_KEY: expect.any(String),
      ANTHROPIC_API_KEY: expect.stringMatching(/^sk-ant-/),
    });
    expect(JSON.parse(contents.actionsJson)).toContainEqual(expect.objectContaining({ name: 'linear.create_issue' }));
    expect(contents.toolsText).toMatch(/^linear\t/m);
  });

  it('has commands that this runtime can parse, explain and send', async () => {
    const { shims } = connectorContents([await connector('linear')]);
    const spec = JSON.parse(shims[0]?.spec ?? '') as ShimSpec;
    expect(overviewText(spec)).toContain('create-issue');
    for (const command of spec.commands) {
      expect(commandText(spec, command)).toContain(`action: ${command.operation}`);
      const argv = command.options
        .filter((option) => option.required)
        .flatMap((option) => [`--${option.name}`, option.type === 'integer' ? '1' : 'x']);
      const request = buildRequest(spec, command, parseArgv(argv, command).values);
      expect(request).toMatchObject({ host: 'api.linear.app', port: 443, method: 'POST', path: '/graphql' });
      expect(request.headers).toHaveProperty('authorization');
      const body = JSON.parse(request.body ?? '') as { query: string };
      expect(body.query).toMatch(/^(query|mutation)\b/);
    }
  });
});
