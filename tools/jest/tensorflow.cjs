// Jest set-up for packages that compute on tensors: registers the TensorFlow backend, so that tests
// (and the packages under test) need only @tensorflow/tfjs-core.
const util = require('node:util');
util.isNullOrUndefined ??= (value) => value === null || value === undefined; // tfjs-node on Node >= 23
util.isArray ??= Array.isArray;
require('@tensorflow/tfjs-node-gpu');
