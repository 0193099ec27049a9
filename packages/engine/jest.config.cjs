module.exports = {
  ...require('../../tools/jest/preset.cjs'),
  displayName: 'engine',
  rootDir: __dirname,
  setupFiles: [require.resolve('../../tools/jest/tensorflow.cjs')],
};
