// Shared jest settings. Packages resolve each other's sources through the "@stint/source" export condition.
const path = require('node:path');
const { useTemporaryFolder } = require('./temporary.cjs');

useTemporaryFolder();

// TensorFlow reads these when it is loaded, and inside jest process.env is only a copy: they must be set here. One thread, so that
// results do not depend on the machine.
process.env.TF_NUM_INTRAOP_THREADS ??= '1';
process.env.TF_NUM_INTEROP_THREADS ??= '1';
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  globalTeardown: path.join(__dirname, 'temporary.cjs'),
  testEnvironmentOptions: { customExportConditions: ['@stint/source', 'node', 'require', 'default'] },
  // Against hangs only: a busy machine is no failure, and speed is never asserted in tests.
  testTimeout: 180_000,
  testMatch: ['<rootDir>/src/**/*.test.ts'],
  transform: { '\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } }] },
  collectCoverageFrom: ['<rootDir>/src/**/*.ts', '!<rootDir>/src/**/*.test.ts', '!<rootDir>/src/index.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  cacheDirectory: path.join(__dirname, '../../.cache/jest'),
};
