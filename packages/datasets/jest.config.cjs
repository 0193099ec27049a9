module.exports = { ...require('../../tools/jest/preset.cjs'), displayName: 'datasets', rootDir: __dirname };
