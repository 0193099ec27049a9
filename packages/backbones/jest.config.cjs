module.exports = {
  ...require('../../tools/jest/preset.cjs'),
  displayName: 'backbones',
  rootDir: __dirname,
  setupFiles: [require.resolve('../../tools/jest/tensorflow.cjs')],
};
