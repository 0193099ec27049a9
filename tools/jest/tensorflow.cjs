// Jest set-up for packages that compute on tensors: registers the TensorFlow backend, so that tests
// (and the packages under test) need only @tensorflow/tfjs-core. One thread: results do not depend on the machine.
process.env.TF_NUM_INTRAOP_THREADS ??= '1';
process.env.TF_NUM_INTEROP_THREADS ??= '1';
process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
const util = require('node:util');
util.isNullOrUndefined ??= (value) => value === null || value === undefined; // tfjs-node on Node >= 23
util.isArray ??= Array.isArray;
require('@tensorflow/tfjs-node-gpu');
