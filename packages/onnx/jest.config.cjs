module.exports = {
  ...require('../../tools/jest/preset.cjs'),
  displayName: 'onnx',
  rootDir: __dirname,
  testEnvironment: require.resolve('./testing/environment.cjs'),
  setupFiles: [require.resolve('../../tools/jest/tensorflow.cjs')],
};
