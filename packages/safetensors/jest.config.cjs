module.exports = { ...require('../../tools/jest/preset.cjs'), displayName: 'safetensors', rootDir: __dirname };
