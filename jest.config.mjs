// Tests import their own package's source (swc) and every other package as it ships (dist).
/** @type {import('jest').Config} */
export default {
  roots: ['<rootDir>/apps', '<rootDir>/packages', '<rootDir>/bench', '<rootDir>/scripts'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/', '/.toolchain/'],
  watchPathIgnorePatterns: ['/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true },
          target: 'es2024',
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  // A run has a temporary folder of its own, and takes it away.
  globalSetup: '<rootDir>/scripts/test-run/begin.ts',
  globalTeardown: '<rootDir>/scripts/test-run/end.ts',
  testEnvironment: 'node',
  testTimeout: 60_000,
  // One more than the cores of CI: much of what is tested waits for others.
  maxWorkers: 3,
};
