// The library in the user's cache: made once, in a partial folder that is renamed when complete.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { removingOnFailure } from './cleanup.mjs';
import { failure } from './failure.mjs';
import { withLock } from './lock.mjs';
import { MEMBERS } from './release.mjs';
import { readLibrary } from './state.mjs';
import { checkHash, checkIdentity, downloadWheel, findPip, sha256OfFile } from './wheel.mjs';
import { extractMember, memberOf, openZip, readMember } from './zip.mjs';

const SPARE = 50e6; // for the binding and the file system's own needs

/**
 * Makes sure that `folder` holds the release's libtensorflow and returns its record.
 * `wheel`: use this file instead of pip; `sha256`: the hash it must have; `log`: a function for progress lines.
 */
export async function ensureLibrary(release, folder, { wheel, sha256, log }) {
  const present = readLibrary(folder);
  if (present) return present;
  if (wheel && !fs.existsSync(wheel)) throw failure(`--wheel ${wheel}: there is no such file`);
  makeFolder(path.dirname(folder));
  const onWait = (holder) => log(`waiting for process ${holder?.pid ?? '?'} on ${holder?.host ?? '?'}, which is making the library`);
  return withLock(`${folder}.lock`, () => readLibrary(folder) ?? makeLibrary(release, folder, { wheel, sha256, log }), { onWait });
}

async function makeLibrary(release, folder, { wheel, sha256, log }) {
  removeLeftovers(folder);
  const partial = `${folder}.partial-${os.hostname()}-${process.pid}`;
  return removingOnFailure(partial, async () => {
    fs.mkdirSync(partial);
    requireSpace(path.dirname(folder), release.libraryBytes + (wheel ? 0 : release.downloadBytes));
    const download = path.join(partial, 'download');
    const file = wheel ?? (await fetchWheel(release, download, log));
    const zip = openZip(file);
    const identity = checkIdentity(zip, release);
    const id = await checkSource(file, release, { identity, sha256, fetched: wheel === undefined, log });
    requireSpace(partial, bytesToExtract(zip), path.dirname(folder));
    const files = {};
    for (const { member, file: target } of MEMBERS) {
      await extractMember(zip, member, path.join(partial, target));
      files[target] = memberOf(zip, member).size;
    }
    const record = {
      version: release.version,
      device: release.device,
      platform: release.platform,
      id,
      files,
      ...cudaPackages(zip, release),
    };
    fs.rmSync(download, { recursive: true, force: true });
    fs.writeFileSync(path.join(partial, 'library.json'), `${JSON.stringify(record, null, 2)}\n`);
    fs.rmSync(folder, { recursive: true, force: true }); // an incomplete one
    fs.renameSync(partial, folder);
    log(`extracted libtensorflow into ${folder}`);
    return record;
  });
}

function makeFolder(folder) {
  try {
    fs.mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw failure(`cannot make the folder ${folder} (${error.code}): set STINT_CACHE to a folder that you may write to`, error);
  }
}

/** What killed processes left: we hold the lock, so nobody else is making this folder. */
function removeLeftovers(folder) {
  const parent = path.dirname(folder);
  for (const name of fs.readdirSync(parent)) {
    if (name.startsWith(`${path.basename(folder)}.partial-`)) fs.rmSync(path.join(parent, name), { recursive: true, force: true });
  }
}

async function fetchWheel(release, folder, log) {
  const python = await findPip();
  log(`downloading ${release.wheel} ${release.version} (${Math.round(release.downloadBytes / 1e6)} MB) with ${python} -m pip`);
  const ticker = setInterval(() => log(`... ${Math.round(folderBytes(folder) / 1e6)} MB`), 15_000);
  try {
    const file = await downloadWheel(release, folder, python);
    log(`downloaded ${path.basename(file)}`);
    return file;
  } finally {
    clearInterval(ticker);
  }
}

async function checkSource(file, release, { identity, sha256, fetched, log }) {
  const got = await sha256OfFile(file);
  const expected = sha256?.toLowerCase() ?? (identity.pinned || fetched ? release.sha256 : undefined);
  if (expected) {
    checkHash(file, got, expected);
    log(`sha256 matches (${got.slice(0, 16)}...)`);
  } else {
    log(`no pinned hash for ${identity.tags.join(', ')}; this file has sha256 ${got}: compare it with your index, or pass --sha256`);
  }
  return got;
}

function bytesToExtract(zip) {
  return MEMBERS.reduce((sum, { member }) => sum + memberOf(zip, member).size, 0);
}

/** Fails when the disk that holds `folder` has less than `bytes` free; `named` is the folder shown to the user. */
export function requireSpace(folder, bytes, named = folder) {
  const { bavail, bsize } = fs.statfsSync(folder);
  const free = bavail * bsize;
  const needed = bytes + SPARE;
  if (free >= needed) return;
  const size = (value) => `${(value / 1e9).toFixed(2)} GB`;
  throw failure(`${named} has ${size(free)} free, ${size(needed)} are needed: make room or set STINT_CACHE to a folder on another disk`);
}

function folderBytes(folder) {
  try {
    return fs
      .readdirSync(folder, { recursive: true })
      .reduce((sum, name) => sum + (fs.statSync(path.join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0);
  } catch {
    return 0; // a file vanished between listing and looking
  }
}

/** For a GPU: the CUDA packages that this wheel names, for the user to install beside the library. */
function cudaPackages(zip, release) {
  if (release.device !== 'gpu') return {};
  const metadata = [...zip.entries.keys()].find((name) => /^[^/]+\.dist-info\/METADATA$/.test(name));
  if (!metadata) return {};
  const lines = readMember(zip, metadata).matchAll(/^Requires-Dist: *(nvidia-[^;]+?) *;.*and-cuda/gm);
  return { cuda: [...lines].map((match) => match[1].replace(/[() ]/g, '')) };
}
