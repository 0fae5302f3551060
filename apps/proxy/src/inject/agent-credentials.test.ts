import { describe, expect, it } from '@jest/globals';
import type { HeaderField, RequestHead } from '../parse/canonical-request.js';
import { agentHeaders } from './agent-headers.js';
import { screenAgentCredentials } from './agent-credentials.js';

const PLACEHOLDER = 'sk-ant-placeholder-0001';
const RULE = { placeholder: PLACEHOLDER, header: 'x-api-key' };
const head = (headers: readonly HeaderField[], query: RequestHead['query'] = []): RequestHead => ({
  method: 'GET',
  host: 'a.example',
  port: 443,
  path: '/',
  target: '/',
  query,
  headers,
});

describe('screenAgentCredentials', () => {
  it.each([
    ['x-api-key', PLACEHOLDER],
    ['x_api_key', PLACEHOLDER],
    ['authorization', `Bearer ${PLACEHOLDER}`],
    ['authorization', `bearer  ${PLACEHOLDER}`],
    ['authorization', PLACEHOLDER],
    ['authorization_', ''],
    ['authorization', `Basic ${Buffer.from(`user:${PLACEHOLDER}`).toString('base64')}`],
    ['authorization', `Basic ${Buffer.from(`${PLACEHOLDER}:`).toString('base64')}`],
    ['cookie', 'session=1'],
    ['range', 'bytes=0-9'],
    ['accept-encoding', 'gzip, br'],
  ])('removes %s: %s', (name, value) => {
    expect(
      screenAgentCredentials(
        head([
          ['accept', '*/*'],
          [name, value],
        ]),
        RULE,
      ),
    ).toEqual([['accept', '*/*']]);
  });

  it.each([
    ['x-api-key', 'sk-ant-api03-stolen'],
    ['x_api_key', 'sk-ant-api03-stolen'],
    ['x-api-key', `${PLACEHOLDER}x`],
    ['authorization', 'Bearer sk-ant-api03-stolen'],
    ['authorization_', 'Bearer stolen'],
    ['-authorization', 'stolen'],
    ['authorization', `Bearer ${PLACEHOLDER}, Bearer stolen`],
    ['authorization', `Basic ${Buffer.from('user:stolen').toString('base64')}`],
    ['private-token', 'glpat-stolen'],
    ['x-goog-api-key', 'stolen'],
    ['proxy_authorization', 'stolen'],
  ])('refuses a key in %s that is not the placeholder', (name, value) => {
    expect(() => screenAgentCredentials(head([[name, value]]), RULE)).toThrow(
      expect.objectContaining({ code: 'CREDENTIAL_SMUGGLED' }),
    );
  });

  it.each(['access_token', 'api_key', 'apikey', 'API-Key', 'x_api_key', 'Authorization'])(
    'refuses a key in the query: %s',
    (key) => {
      expect(() =>
        screenAgentCredentials(
          head(
            [],
            [
              ['a', '1'],
              [key, 'x'],
            ],
          ),
          RULE,
        ),
      ).toThrow(expect.objectContaining({ code: 'CREDENTIAL_SMUGGLED' }));
    },
  );

  it('never puts a value into its error', () => {
    try {
      screenAgentCredentials(head([['authorization', 'Bearer stolen']]), RULE);
    } catch (error) {
      expect(JSON.stringify(error)).not.toContain('stolen');
    }
  });
});

describe('agentHeaders', () => {
  const headers: readonly HeaderField[] = [
    ['content-type', 'text/plain'],
    ['content-length', '5'],
    ['content-encoding', 'gzip'],
    ['etag', '"x"'],
    ['set-cookie', 'a=b'],
    ['alt-svc', 'h3=":443"'],
    ['strict-transport-security', 'max-age=1'],
    ['nel', '{}'],
    ['report-to', '{}'],
    ['clear-site-data', '"*"'],
    ['connection', 'x-hop, content-length'],
    ['x-hop', '1'],
    ['keep-alive', 'timeout=5'],
    ['proxy-authenticate', 'Basic'],
    ['location', 'https://elsewhere.example/'],
  ];

  it('strips what steers the agent, cookies and hop-by-hop', () => {
    const names = agentHeaders(headers, { decoded: false, cookies: 'strip' }).map(([name]) => name);
    expect(names).toEqual(['content-type', 'content-length', 'content-encoding', 'etag', 'location']);
  });

  it('strips what described the coded body once it is decoded', () => {
    const names = agentHeaders(headers, { decoded: true, cookies: 'pass' }).map(([name]) => name);
    expect(names).toEqual(['content-type', 'set-cookie', 'location']);
  });
});
