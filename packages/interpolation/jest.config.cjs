module.exports = {
  ...require('../../tools/jest/preset.cjs'),
  displayName: 'interpolation',
  rootDir: __dirname,
  setupFiles: [require.resolve('../../tools/jest/tensorflow.cjs')],
};
