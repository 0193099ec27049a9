module.exports = { ...require('../../tools/jest/preset.cjs'), displayName: 'metrics', rootDir: __dirname };
