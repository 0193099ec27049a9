// Builds small zip files for tests, sound or flawed on purpose, with zlib only.
const zlib = require('node:zlib');

/**
 * @param members name -> {data, stored?, crc?, size?, method?, corrupt?}; what is given replaces the right value in the directory.
 * @returns {Buffer}
 */
function makeZip(members, { comment = '' } = {}) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const [name, { data, stored = false, corrupt = false, ...wrong }] of Object.entries(members)) {
    const content = Buffer.from(data);
    const packed = stored ? content : zlib.deflateRawSync(content);
    if (corrupt) packed.fill(0xff, 0, 8);
    const method = wrong.method ?? (stored ? 0 : 8);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(wrong.crc ?? zlib.crc32(content), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(wrong.size ?? content.length, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), fields, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, tail, Buffer.from(name)]));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...parts, central, end, Buffer.from(comment)]);
}

module.exports = { makeZip };
