module.exports = {
  ...require('../../tools/jest/preset.cjs'),
  displayName: 'sparse-conv',
  rootDir: __dirname,
  setupFiles: [require.resolve('../../tools/jest/tensorflow.cjs')],
};
