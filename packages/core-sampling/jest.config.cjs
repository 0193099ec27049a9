module.exports = {
  ...require('../../tools/jest/preset.cjs'),
  displayName: 'core-sampling',
  rootDir: __dirname,
  setupFiles: [require.resolve('../../tools/jest/tensorflow.cjs')],
};
