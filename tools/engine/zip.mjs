// Reads a zip file (a Python wheel): its directory, and single members without unpacking the rest.
// Format: PKWARE APPNOTE 6.3, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (end record). No zip64, no encryption.
import fs from 'node:fs';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { failure } from './failure.mjs';

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const MAX_END = 22 + 65535; // the end record carries a comment of at most 64 kB

/** @returns {{file: string, entries: Map<string, {method: number, crc: number, packed: number, size: number, offset: number}>}} */
export function openZip(file) {
  const size = fs.statSync(file).size;
  const tail = readAt(file, Math.max(0, size - MAX_END), Math.min(size, MAX_END));
  const end = findEnd(tail);
  if (end < 0) throw failure(`${file} is not a complete zip file (no end record): download it again`);
  const count = tail.readUInt16LE(end + 10);
  const length = tail.readUInt32LE(end + 12);
  const start = tail.readUInt32LE(end + 16);
  if (count === 0xffff || start === 0xffffffff)
    throw failure(`${file} is a zip64 file, which is not supported: use the wheel as published`);
  return { file, entries: readDirectory(file, start, length, count) };
}

function findEnd(tail) {
  for (let at = tail.length - 22; at >= 0; at--) if (tail.readUInt32LE(at) === END) return at;
  return -1;
}

function readDirectory(file, start, length, count) {
  const bytes = readAt(file, start, length);
  const entries = new Map();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== CENTRAL) {
      throw failure(`${file} is damaged (directory entry ${i} of ${count}): download it again`);
    }
    const nameLength = bytes.readUInt16LE(at + 28);
    entries.set(bytes.toString('utf8', at + 46, at + 46 + nameLength), {
      method: bytes.readUInt16LE(at + 10),
      crc: bytes.readUInt32LE(at + 16),
      packed: bytes.readUInt32LE(at + 20),
      size: bytes.readUInt32LE(at + 24),
      offset: bytes.readUInt32LE(at + 42),
    });
    at += 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return entries;
}

/** The entry of a member; a failure naming it when the zip lacks it. */
export function memberOf(zip, name) {
  const entry = zip.entries.get(name);
  if (!entry) throw failure(`${zip.file} lacks ${name}: this is not a wheel that carries libtensorflow`);
  return entry;
}

/** Writes one member to `target`, checking its length and CRC-32. A failed extraction leaves no file. */
export async function extractMember(zip, name, target) {
  const entry = memberOf(zip, name);
  const start = dataStart(zip, name, entry);
  let crc = 0;
  let size = 0;
  const check = new Transform({
    transform(chunk, _encoding, done) {
      crc = zlib.crc32(chunk, crc);
      size += chunk.length;
      done(null, chunk);
    },
  });
  fs.mkdirSync(path.dirname(target), { recursive: true });
  try {
    await pipeline(...unpacked(zip, name, entry, start), check, fs.createWriteStream(target));
    if (size !== entry.size || crc !== entry.crc) throw damaged(zip, name, `${size} of ${entry.size} bytes, CRC ${crc} for ${entry.crc}`);
  } catch (error) {
    fs.rmSync(target, { force: true });
    if (/^Z_/.test(error.code ?? '')) throw damaged(zip, name, error.message);
    error.path ??= target; // errors of a stream's write do not name the file
    throw error;
  }
}

/** The text of a small member. */
export function readMember(zip, name) {
  const entry = memberOf(zip, name);
  const bytes = readAt(zip.file, dataStart(zip, name, entry), entry.packed);
  try {
    return (entry.method === 8 ? zlib.inflateRawSync(bytes) : bytes).toString('utf8');
  } catch (error) {
    throw damaged(zip, name, error.message);
  }
}

function dataStart(zip, name, entry) {
  const header = readAt(zip.file, entry.offset, 30);
  if (header.length < 30 || header.readUInt32LE(0) !== LOCAL) throw damaged(zip, name, 'no local header');
  return entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
}

function unpacked(zip, name, entry, start) {
  const packed = fs.createReadStream(zip.file, { start, end: start + entry.packed - 1, highWaterMark: 1 << 20 });
  if (entry.packed === 0) return [fs.createReadStream('/dev/null')];
  if (entry.method === 0) return [packed];
  if (entry.method === 8) return [packed, zlib.createInflateRaw({ chunkSize: 1 << 20 })];
  throw failure(`${zip.file}: ${name} is packed with method ${entry.method}, which is not supported: use the wheel as published`);
}

function damaged(zip, name, detail) {
  return failure(`${zip.file} is damaged: ${name} (${detail}): download it again`);
}

function readAt(file, start, length) {
  const handle = fs.openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(Math.max(0, length));
    const got = fs.readSync(handle, bytes, 0, bytes.length, start);
    return bytes.subarray(0, got);
  } finally {
    fs.closeSync(handle);
  }
}
