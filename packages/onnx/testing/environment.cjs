// jest gives every test file typed arrays of its own; onnxruntime's binding returns Node's. Where the two meet, `instanceof` must hold.
const { TestEnvironment } = require('jest-environment-node');

module.exports = class extends TestEnvironment {
  constructor(...args) {
    super(...args);
    Object.assign(this.global, { Float32Array, BigInt64Array });
  }
};
