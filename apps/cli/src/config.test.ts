import { loadConfig } from '@aileron/config';
import { describe, expect, it } from '@jest/globals';
import { CliConfig } from './config.js';

describe('the settings of the command line', () => {
  it('refuse login, which is not offered yet, and take its absence', () => {
    expect(() => loadConfig(CliConfig, { ENABLE_AUTH: 'true' })).toThrow(
      expect.objectContaining({ fields: [{ field: 'ENABLE_AUTH', message: 'login is not offered yet: unset it' }] }),
    );
    expect(loadConfig(CliConfig, { ENABLE_AUTH: 'false' })).toMatchObject({ ENABLE_AUTH: false });
    expect(loadConfig(CliConfig, {})).toMatchObject({ ENABLE_AUTH: false });
  });
});
