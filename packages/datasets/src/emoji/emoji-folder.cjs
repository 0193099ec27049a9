// The folder of the npm package emoji-datasource-google. In CommonJS, because `require.resolve` knows where this file stands in
// both builds of the library, while `import.meta.url` exists in the ESM build only.
const path = require('node:path');

module.exports = path.dirname(require.resolve('emoji-datasource-google/package.json'));
