#!/usr/bin/env -S node --conditions=@stint/source
// `npx stint`: runs the TypeScript sources of this workspace directly (ts-node with swc).
const path = require('node:path');
if (![...process.execArgv, process.env.NODE_OPTIONS ?? ''].some((option) => option.includes('@stint/source'))) {
  console.error('stint: start it with "npx stint", or with "node --conditions=@stint/source" before this file');
  process.exit(2);
}
process.env.TS_NODE_PROJECT ??= path.join(__dirname, '../../../tsconfig.json');
require('ts-node').register();
require('../src/main.ts');
