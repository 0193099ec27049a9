const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { extractMember, openZip, readMember } = require('./zip.mjs');
const { makeZip } = require('./testing/make-zip.cjs');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stint-zip-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

const TEXT = 'libtensorflow '.repeat(5000);
const members = { 'a/packed.txt': { data: TEXT }, 'a/stored.txt': { data: TEXT, stored: true }, empty: { data: '' } };

function write(name, bytes) {
  const file = path.join(folder, name);
  fs.writeFileSync(file, bytes);
  return file;
}

test.each(Object.keys(members))('extracts %s', async (name) => {
  const zip = openZip(write('good.zip', makeZip(members)));
  const target = path.join(folder, 'out', name);
  await extractMember(zip, name, target);
  expect(fs.readFileSync(target, 'utf8')).toBe(members[name].data);
  expect(readMember(zip, name)).toBe(members[name].data);
});

test('a comment behind the directory does not hide it', () => {
  const zip = openZip(write('comment.zip', makeZip(members, { comment: 'x'.repeat(3000) })));
  expect([...zip.entries.keys()]).toEqual(Object.keys(members));
});

test('a member that is not there is named', async () => {
  const zip = openZip(write('lacks.zip', makeZip(members)));
  await expect(extractMember(zip, 'tensorflow/libtensorflow_cc.so.2', path.join(folder, 'x'))).rejects.toThrow(
    /lacks.zip lacks tensorflow\/libtensorflow_cc.so.2: this is not a wheel/,
  );
});

test.each([
  ['a wrong CRC', { crc: 1 }, /damaged: a\/packed.txt .*CRC .* for 1\b.*download it again/],
  ['a wrong length', { size: 7 }, /damaged: a\/packed.txt \(70000 of 7 bytes/],
  ['data that does not inflate', { corrupt: true }, /damaged: a\/packed.txt/],
  ['an unknown method', { method: 14 }, /method 14, which is not supported/],
])('%s is told, and no file is left', async (_name, flaw, message) => {
  const zip = openZip(write('bad.zip', makeZip({ 'a/packed.txt': { data: TEXT, ...flaw } })));
  const target = path.join(folder, 'bad.txt');
  await expect(extractMember(zip, 'a/packed.txt', target)).rejects.toMatchObject({
    expected: true,
    message: expect.stringMatching(message),
  });
  expect(fs.existsSync(target)).toBe(false);
});

test('a truncated download is told', () => {
  const bytes = makeZip(members);
  expect(() => openZip(write('half.zip', bytes.subarray(0, bytes.length / 2)))).toThrow(/not a complete zip file .*download it again/);
  expect(() => openZip(write('nothing.zip', Buffer.alloc(0)))).toThrow(/not a complete zip file/);
});

test('a directory that points elsewhere is told', () => {
  const bytes = makeZip(members);
  bytes.writeUInt32LE(3, bytes.length - 22 + 16);
  expect(() => openZip(write('astray.zip', bytes))).toThrow(/is damaged \(directory entry 0 of 3\)/);
});

test('zip64 is refused', () => {
  const bytes = makeZip(members);
  bytes.writeUInt32LE(0xffffffff, bytes.length - 22 + 16);
  expect(() => openZip(write('big.zip', bytes))).toThrow(/zip64/);
});

test('a full disk is told as such, with the file', async () => {
  const { sentence } = require('./failure.mjs');
  const zip = openZip(write('full.zip', makeZip(members)));
  const target = path.join(folder, 'full');
  fs.symlinkSync('/dev/full', target); // the link, never the device itself: a failed extraction removes its target
  const error = await extractMember(zip, 'a/packed.txt', target).catch((failure) => failure);
  expect(error.code).toBe('ENOSPC');
  expect(sentence(error)).toBe(
    `the disk is full (${target}): make room or set STINT_CACHE to a folder on another disk, then run this again`,
  );
});
