module.exports = {
  ...require('../../tools/jest/preset.cjs'),
  displayName: 'pruning',
  rootDir: __dirname,
  setupFiles: [require.resolve('../../tools/jest/tensorflow.cjs')],
};
