#!/usr/bin/env -S node --conditions=@stint/source
// `npx stint`: runs the TypeScript sources of this workspace directly (ts-node with swc).
const path = require('node:path');
process.env.TS_NODE_PROJECT ??= path.join(__dirname, '../../../tsconfig.json');
require('ts-node').register();
require('../src/main.ts');
