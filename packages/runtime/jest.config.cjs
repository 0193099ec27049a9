module.exports = {
  ...require('../../tools/jest/preset.cjs'),
  displayName: 'runtime',
  rootDir: __dirname,
  setupFiles: [require.resolve('../../tools/jest/tensorflow.cjs')],
};
