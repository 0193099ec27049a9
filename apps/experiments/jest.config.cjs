module.exports = { ...require('../../tools/jest/preset.cjs'), displayName: 'experiments', rootDir: __dirname };
