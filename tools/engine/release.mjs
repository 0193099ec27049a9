// Which libtensorflow: one version, the wheels that carry it, their pinned hashes, and the members that are taken out.
// The hashes are those of the Python package index. linux-x64-cpu is tested; linux-x64-gpu has been bound and loaded, but not run on a GPU;
// linux-arm64-cpu has been extracted only.
import { failure } from './failure.mjs';

export const VERSION = '2.21.0';
/** Any CPython's wheel carries the same library; one is fixed, so that its hash can be. */
export const PYTHON_TAG = 'cp311';

const MEGABYTE = 1e6;
const ARCHITECTURES = { x64: 'x86_64', arm64: 'aarch64' };

// downloadBytes: size of the wheel; libraryBytes: what is extracted from it.
const RELEASES = {
  'linux-x64-cpu': {
    wheel: 'tensorflow_cpu',
    sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    downloadBytes: 275 * MEGABYTE,
    libraryBytes: 860 * MEGABYTE,
    tested: true,
  },
  'linux-x64-gpu': {
    wheel: 'tensorflow',
    sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
    downloadBytes: 575 * MEGABYTE,
    libraryBytes: 1270 * MEGABYTE,
    tested: false,
  },
  // There is no tensorflow_cpu wheel for this architecture: the plain one is built without CUDA here.
  'linux-arm64-cpu': {
    wheel: 'tensorflow',
    sha256: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
    downloadBytes: 300 * MEGABYTE,
    libraryBytes: 890 * MEGABYTE,
    tested: false,
  },
};

/** The release for a device ('cpu' or 'gpu') on a machine; a failure where there is none. */
export function releaseFor(device, { platform = process.platform, arch = process.arch } = {}) {
  const found = RELEASES[`${platform}-${arch}-${device}`];
  if (!found) {
    throw failure(
      `no libtensorflow for ${platform}-${arch} (${device}): supported are ${Object.keys(RELEASES).join(', ')}. ` +
        'Use a Linux machine, a container (glibc, not Alpine) or WSL 2.',
    );
  }
  const machine = ARCHITECTURES[arch];
  return {
    ...found,
    version: VERSION,
    device,
    platform: `${platform}-${arch}`,
    machine,
    pipPlatforms: ['manylinux_2_27', 'manylinux_2_17', 'manylinux2014'].map((tag) => `${tag}_${machine}`),
  };
}

export const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

const HEADERS = [
  'tensorflow/c/c_api.h',
  'tensorflow/c/c_api_macros.h',
  'tensorflow/c/eager/c_api.h',
  'tensorflow/c/tf_attrtype.h',
  'tensorflow/c/tf_buffer.h',
  'tensorflow/c/tf_datatype.h',
  'tensorflow/c/tf_status.h',
  'tensorflow/c/tf_tensor.h',
  'tensorflow/c/tf_tstring.h',
  'tensorflow/core/platform/ctstring.h',
  'tensorflow/core/platform/ctstring_internal.h',
  'tsl/platform/ctstring.h',
  'tsl/platform/ctstring_internal.h',
  'xla/tsl/c/tsl_status.h',
];

/** Members of the wheel and where they go in the library's folder. */
export const MEMBERS = [
  ...HEADERS.map((name) => ({ member: `tensorflow/include/${name}`, file: `include/${name}` })),
  ...LIBRARIES.map((name) => ({ member: `tensorflow/${name}`, file: `lib/${name}` })),
];
