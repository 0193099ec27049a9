// The tests that need a real Slurm: `npx nx test-slurm experiments`.
module.exports = { ...require('./jest.config.cjs'), displayName: 'slurm', testMatch: ['<rootDir>/test/slurm/*.test.ts'] };
