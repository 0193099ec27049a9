import { findWorkspace } from '../config/catalog.ts';
import { problemLines, TINY, workspaceWith } from '../config/fixture.ts';
import { TINY_LATENCY } from './fixture.ts';
import { isLatency, resolveLatency } from './resolve.ts';
import { casesOf } from './schema.ts';

const workspace = (text: string) => workspaceWith({ 'speed.yaml': text });
const problems = (text: string, overrides: string[] = []) =>
  problemLines(() => resolveLatency('speed', workspace(text), { overrides })).map((line) => line.replace('experiments/speed.yaml', 'f'));

test('defaults, profiles and overrides; the result is frozen', () => {
  const text = `${TINY_LATENCY}profiles: { quick: { rounds: 1 }, long: { rounds: 9, networks: [tiny], masks: { interval: 5 } } }\nexpect: { long: an hour }\n`;
  const quick = resolveLatency('speed', workspace(text));
  expect([quick.profile, quick.config.rounds, quick.config.masks.interval, quick.config.masks.stages.length]).toEqual(['quick', 1, 11, 3]);
  expect(Object.isFrozen(quick.config.networks)).toBe(true);
  const long = resolveLatency('speed', workspace(text), { profile: 'long', overrides: ['threads=[1, 2]', 'networks.tiny.sizes=[32x32]'] });
  expect([long.expect, long.config.rounds, long.config.masks.interval, long.config.masks.white]).toEqual(['an hour', 9, 5, [0.5]]);
  expect(casesOf(long.config).map(({ name, size }) => [name, size])).toEqual([
    ['tiny-32x32-t1', [32, 32]],
    ['tiny-32x32-t2', [32, 32]],
  ]);
});

test('a profile or the command line may leave networks out, with the claims about them', () => {
  const text = TINY_LATENCY.replace('networks:', 'networks:\n  other: { checkpoint: a.safetensors }');
  const { config, claims } = resolveLatency('speed', workspace(`${text}profiles: { one: { networks: [other] } }\n`));
  expect([Object.keys(config.networks), claims.length]).toEqual([['other'], 1]);
  const chosen = resolveLatency('speed', workspace(text), { overrides: ['networks=[other]'] });
  expect(Object.keys(chosen.config.networks)).toEqual(['other']);
});

test('every problem at its place, with what may stand there', () => {
  expect(problems(TINY_LATENCY.replace('[64x96]', '[64]'))).toEqual(['f:5:9: sizes.0 must be a text, found 64']);
  expect(problems(TINY_LATENCY.replace('[64x96]', '[64x, 7x80]'))).toEqual([
    'f:5:9: sizes.0 must be HEIGHTxWIDTH in pixels, such as 480x800, found "64x"',
    'f:5:14: sizes.1 must be HEIGHTxWIDTH in pixels, such as 480x800, found "7x80"',
  ]);
  expect(problems(TINY_LATENCY.replace('rounds: 2', 'ronds: 2'))).toEqual([
    'f:1:1: key "rounds" is missing (a whole number from 1 to 1000)',
    'f:8:1: unknown key "ronds" (nearest: "rounds")',
  ]);
  expect(problems(TINY_LATENCY.replace('0.75,', '1.5,'))).toEqual(['f:6:16: densities.1 must be a number from 0.02 to 1, found 1.5']);
  expect(problems(TINY_LATENCY.replace('network: tiny', 'network: tinny'))).toEqual([
    'f:11:46: the claim names an unknown network "tinny" (nearest: "tiny")',
  ]);
  expect(problems(TINY_LATENCY.replace('than: dense', 'than: denser'))[0]).toMatch(/^f:11:\d+: claims\.0\.than must be one of .*"denser"/);
  expect(problems(TINY_LATENCY.replace('fpn: 8', 'fpm: 8'))).toEqual([
    expect.stringMatching(/^f:4:\d+: unknown key "fpm" in networks\.tiny/),
  ]);
  expect(problems(`${TINY_LATENCY}profiles: { a: { networks: [big] } }\n`)).toEqual(['f:12:29: no network "big" (known: tiny)']);
  expect(problems(TINY_LATENCY, ['threads=[0]', 'turn'])).toEqual([
    'override turn: must look like key.path=value, for example train.steps=200',
    'override threads=[0]: threads.0 must be a whole number from 1 to 256, found 0',
  ]);
});

test('names that do not exist, and kinds', () => {
  const both = workspaceWith({ 'speed.yaml': TINY_LATENCY, 'tiny.yaml': TINY, 'odd.yaml': 'kind: latencies\n' });
  expect([isLatency('speed', both), isLatency('tiny', both)]).toEqual([true, false]);
  expect(problemLines(() => isLatency('odd', both))).toEqual([
    'experiments/odd.yaml:1:7: kind must be latency, or left out for a training experiment, found "latencies"',
  ]);
  expect(() => isLatency('spead', both)).toThrow('no experiment "spead" (nearest: "speed")');
  expect(() => resolveLatency('speed', both, { profile: 'long' })).toThrow('speed has no profile "long"');
});

test('the experiment of this workspace resolves at every profile', () => {
  const { profiles } = resolveLatency('cpu-latency', findWorkspace());
  expect(profiles).toEqual(['quick', 'standard', 'smoke']);
});
