module.exports = {
  ...require('../../tools/jest/preset.cjs'),
  displayName: 'detection-head',
  rootDir: __dirname,
  setupFiles: [require.resolve('../../tools/jest/tensorflow.cjs')],
};
