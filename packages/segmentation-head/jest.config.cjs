module.exports = {
  ...require('../../tools/jest/preset.cjs'),
  displayName: 'segmentation-head',
  rootDir: __dirname,
  setupFiles: [require.resolve('../../tools/jest/tensorflow.cjs')],
};
