module.exports = {
  ...require('../../tools/jest/preset.cjs'),
  displayName: 'training',
  rootDir: __dirname,
  setupFiles: [require.resolve('../../tools/jest/tensorflow.cjs')],
};
