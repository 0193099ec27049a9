import { hint, nearest } from './nearest.ts';

test('finds typing errors: a letter wrong, missing, too many, swapped; ignores case', () => {
  const keys = ['gamma', 'steps', 'batchSize', 'lr'];
  expect(['gama', 'stesp', 'stepss', 'batchsize', 'batch_size', 'lrr'].map((word) => nearest(word, keys))).toEqual([
    'gamma',
    'steps',
    'steps',
    'batchSize',
    'batchSize',
    'lr',
  ]);
});

test('offers everything when nothing is near', () => {
  expect(nearest('temperature', ['lr', 'clip'])).toBeUndefined();
  expect(hint('temperature', ['lr', 'clip'])).toBe(' (known: lr, clip)');
  expect(hint('x', [])).toBe('');
});
