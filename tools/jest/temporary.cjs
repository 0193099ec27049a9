// One temporary folder for everything that a jest run leaves behind, so that nothing stays in the machine's: preset.cjs points
// os.tmpdir() (also that of child processes) to it, and jest's global teardown, this file, removes it.
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const VARIABLES = ['TMPDIR', 'TMP', 'TEMP'];
const MARK = 'STINT_TEST_TMPDIR';

/** Called where jest reads its configuration: in the parent process, before any worker is started. */
function useTemporaryFolder() {
  if (process.env[MARK]) return;
  // A short name: sockets in it may have 108 characters in all.
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-'));
  for (const name of [...VARIABLES, MARK]) process.env[name] = folder;
  // Ctrl-C, or a run that ends before its teardown.
  process.on('exit', () => remove(folder));
}

function remove(folder) {
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

module.exports = async () => remove(process.env[MARK]);
module.exports.useTemporaryFolder = useTemporaryFolder;
