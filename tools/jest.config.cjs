const preset = require('./jest/preset.cjs');

module.exports = {
  ...preset,
  displayName: 'tools',
  rootDir: __dirname,
  testMatch: ['<rootDir>/*/**/*.test.ts', '<rootDir>/*/**/*.test.cjs'],
  // The tools themselves are ES modules; jest loads them as CommonJS.
  transform: Object.fromEntries(Object.values(preset.transform).map((swc) => ['\\.(ts|mjs)$', swc])),
};
