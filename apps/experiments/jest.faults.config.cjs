// What must survive kills, full disks, signals and each other, done for real: `npx nx test-faults experiments`. STINT_FAULT_ROUNDS: how
// often a run is killed (default 8; 50 in CI).
module.exports = { ...require('./jest.config.cjs'), displayName: 'faults', testMatch: ['<rootDir>/test/faults/*.test.ts'] };
