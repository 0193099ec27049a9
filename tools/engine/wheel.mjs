// Gets the wheel with the user's own pip (so its configured index, proxy and certificates hold) and checks what it is.
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { lastLines, runCommand } from './command.mjs';
import { failure } from './failure.mjs';
import { PYTHON_TAG, VERSION } from './release.mjs';
import { readMember } from './zip.mjs';

const UNREACHABLE =
  /NewConnectionError|ConnectTimeout|ReadTimeout|ProxyError|SSLError|CERTIFICATE|Max retries|name resolution|Connection (refused|reset|broken)|Network is unreachable|Tunnel connection|HTTP error|Could not fetch URL/i;
const NO_INDEX = 'On a machine without an index, fetch the wheel elsewhere and pass it with --wheel FILE.';

/** The Python that has pip: $PYTHON, else python3, else python. */
export async function findPip(env = process.env) {
  const candidates = env.PYTHON ? [env.PYTHON] : ['python3', 'python'];
  let seen;
  for (const python of candidates) {
    const { status, missing } = await runCommand(python, ['-m', 'pip', '--version']);
    if (status === 0) return python;
    if (!missing) seen = python;
  }
  if (seen) {
    throw failure(`${seen} has no pip: install it (Debian, Ubuntu: python3-pip; others: ${seen} -m ensurepip --user). ${NO_INDEX}`);
  }
  throw failure(`no Python found (tried ${candidates.join(', ')}): install Python 3 with pip, or name one in PYTHON. ${NO_INDEX}`);
}

/** Downloads the release's wheel into `folder`; returns its path. */
export async function downloadWheel(release, folder, python) {
  fs.mkdirSync(folder, { recursive: true });
  const requirement = `${release.wheel}==${release.version}`;
  const args = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--no-cache-dir', '--disable-pip-version-check'];
  args.push('--progress-bar', 'off', '--no-input', '--python-version', '3.11', '--implementation', 'cp', '--abi', PYTHON_TAG);
  args.push(...release.pipPlatforms.flatMap((tag) => ['--platform', tag]), '--dest', folder, requirement);
  // pip unpacks downloads in TMPDIR first, which is often a small disk.
  const { status, output } = await runCommand(python, args, { env: { ...process.env, TMPDIR: folder } });
  if (status !== 0) throw pipFailure(requirement, release, output);
  const name = fs.readdirSync(folder).find((file) => file.endsWith('.whl'));
  if (!name) throw failure(`pip downloaded no wheel for ${requirement}. ${NO_INDEX}`);
  return path.join(folder, name);
}

function pipFailure(requirement, release, output) {
  const shown = lastLines(output, 3);
  if (/No space left|Errno 28/i.test(output)) {
    return Object.assign(new Error('No space left', { cause: output }), { code: 'ENOSPC' });
  }
  if (UNREACHABLE.test(output)) return failure(`the Python index cannot be reached (${requirement}). ${NO_INDEX}${shown}`);
  if (/No matching distribution|Could not find a version/i.test(output)) {
    // pip says the same when it met no index at all and retries are off.
    const doubt = /from versions: none/.test(output) ? ', or cannot be reached' : '';
    return failure(`the Python index in use has no ${requirement} for ${PYTHON_TAG} on ${release.machine}${doubt}. ${NO_INDEX}${shown}`);
  }
  return failure(`pip could not download ${requirement}. ${NO_INDEX}${shown}`);
}

export async function sha256OfFile(file) {
  const hash = crypto.createHash('sha256');
  await pipeline(fs.createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

/** Name, version and tags written inside the wheel (its file name may have been changed). */
export function identify(zip) {
  const info = [...zip.entries.keys()].find((name) => /^[^/]+\.dist-info\/WHEEL$/.test(name));
  if (!info) throw failure(`${zip.file} is not a Python wheel (no .dist-info/WHEEL)`);
  const [, name, version] = /^(.+)-([^-]+)\.dist-info\//.exec(info) ?? [];
  const tags = [...readMember(zip, info).matchAll(/^Tag: *(\S+)/gm)].map((match) => match[1]);
  return { name, version, tags };
}

/** Fails unless the wheel is the release's for this machine; tells whether the pinned hash is the one to expect. */
export function checkIdentity(zip, release) {
  const { name, version, tags } = identify(zip);
  const accepted = release.device === 'gpu' ? ['tensorflow'] : [release.wheel, 'tensorflow_cpu'];
  const wanted = `${release.wheel} ${VERSION} for ${release.machine}`;
  if (!accepted.includes(name) || version !== VERSION) {
    const hint = name === 'tensorflow' && release.device === 'cpu' ? ' (for the CUDA wheel add --gpu)' : '';
    throw failure(`${zip.file} is ${name} ${version}; needed is ${wanted}${hint}`);
  }
  if (!tags.some((tag) => tag.endsWith(`_${release.machine}`))) throw failure(`${zip.file} is for ${tags.join(', ')}; needed is ${wanted}`);
  return { pinned: name === release.wheel && tags.some((tag) => tag.startsWith(`${PYTHON_TAG}-`)), tags };
}

/** Fails on a hash that differs from the one expected. */
export function checkHash(file, got, expected) {
  if (got === expected) return;
  throw failure(
    `${file} has sha256 ${got}, expected ${expected}: the file is damaged or was replaced; fetch it again from an index you trust`,
  );
}
