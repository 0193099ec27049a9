import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { addonFile, binding, load } from './binding.ts';
import { convolve, nativeEngine, nativeInfo, packFilter } from './index.ts';

const WIDTHS: Record<string, number> = { avx512: 16, avx2: 8, baseline: 4, neon: 4 };

afterEach(() => {
  delete process.env.STINT_ISA;
});

test('the fastest instruction set is the default, and any other can be chosen', () => {
  const { available, ...first } = nativeInfo();
  expect(first).toEqual({ isa: available[0], threads: 1, simdWidth: WIDTHS[available[0]] });
  expect(available.at(-1)).toBe(process.arch === 'arm64' ? 'neon' : 'baseline');
  for (const isa of available) {
    expect(nativeEngine({ isa, threads: 2 })).toEqual({ isa, threads: 2, simdWidth: WIDTHS[isa] });
    process.env.STINT_ISA = isa;
    expect(nativeInfo().isa).toBe(isa);
  }
});

test('an instruction set that is not there is refused, with its source', () => {
  expect(() => nativeEngine({ isa: 'mmx' as 'avx2' })).toThrow(
    `nativeEngine: isa is 'mmx', which this processor or build has not; give ${nativeInfo().available.join(' or ')}`,
  );
  process.env.STINT_ISA = 'sse9';
  expect(() => nativeInfo()).toThrow("isa is 'sse9' (from STINT_ISA), which");
  expect(nativeInfo({ isa: nativeInfo({ isa: binding().available[0] }).isa }).isa).toBe(binding().available[0]);
});

test('threads are a whole number from 1', () => {
  for (const threads of [0, -1, 1.5, Number.NaN, 257]) expect(() => nativeEngine({ threads })).toThrow(RangeError);
  expect(() => nativeEngine({ threads: '2' as unknown as number })).toThrow(TypeError);
});

test('a filter works with every engine of its instruction set, and no other', () => {
  const [first, ...others] = nativeInfo().available;
  const filter = packFilter(nativeEngine({ isa: first }), { weights: Float32Array.of(2), kernel: 1, inChannels: 1, outChannels: 1 });
  const options = { input: Float32Array.of(3), shape: [1, 1, 1, 1] as const, filter };
  expect(convolve(nativeEngine({ isa: first, threads: 2 }), options)).toEqual(Float32Array.of(6));
  for (const isa of others) {
    expect(() => convolve(nativeEngine({ isa }), options)).toThrow(`filter was packed for ${first}, the engine runs ${isa}`);
  }
});

test('STINT_NATIVE names another addon; without one, the way out is said', () => {
  expect(addonFile({ STINT_NATIVE: 'some/where.node' })).toBe(path.resolve('some/where.node'));
  expect(addonFile({})).toContain(path.join('native/build/release', `${process.platform}-${process.arch}`, 'stint.node'));
  const missing = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'stint-native-')), 'stint.node');
  expect(() => load(missing)).toThrow(
    `no kernels for ${process.platform}-${process.arch} (${missing}): run "npx nx build-native sparse-conv"`,
  );
  fs.writeFileSync(missing, 'cut off');
  expect(() => load(missing)).toThrow(
    /the kernels for [^ ]+ \([^ ]+stint\.node\) do not load here \((?!.*stint\.node).+\): run "npx nx build-native/,
  );
});
