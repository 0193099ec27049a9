import { dependencyGraph } from './graph.ts';

test('a sum of sums is one group, from whichever side it is tied; its first reason to stay holds', () => {
  const graph = dependencyGraph();
  const image = graph.input(3);
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((layer) => graph.convolution(layer, image, 4, { bias: layer === 'c' }));
  graph.norm('n', d);
  graph.fix(d, 'first');
  graph.tie(b, d);
  graph.fix(b, 'second');
  graph.tie(c, a);
  graph.tie(d, c);
  graph.tie(a, b);
  graph.name(c, 'sum');
  graph.follow('matrix', 0, b, 9);
  const [, sum, ...others] = graph.groups();
  expect(others).toEqual([]);
  expect(sum).toMatchObject({ name: 'sum', channels: 4, fixed: 'first' });
  expect(sum.layers.sort()).toEqual(['a', 'b', 'c', 'd']);
  const axes = sum.members.map(({ parameter, axis, repeat, use }) => `${parameter} ${axis} ${repeat} ${use}`);
  expect(axes.sort()).toEqual(
    [
      ...['a', 'b', 'c', 'd'].map((layer) => `${layer}.weight 3 1 filter`),
      'c.bias 0 1 other',
      'n.weight 0 1 scale',
      ...['bias', 'running_mean', 'running_var'].map((part) => `n.${part} 0 1 other`),
      'matrix 0 9 other',
    ].sort(),
  );
});

test('what is not equally wide cannot be tied', () => {
  const graph = dependencyGraph();
  const image = graph.input(3);
  expect(() => graph.tie(graph.convolution('a', image, 4), graph.convolution('b', image, 5))).toThrow('a with 4 channels and b with 5');
});
