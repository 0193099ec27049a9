import { formatCocoSummary } from './summary.ts';

test("pycocotools' text, to the character", () => {
  // Printed by pycocotools 2.0.11 for fixtures/coco/d_edges.
  const stats = [0.26045544554455446, 0.5673267326732673, 0.23564356435643566, 0.1315181518151815, 0.3573019801980198, 0.49999999999999994];
  const recalls = [0.13999999999999999, 0.3633333333333333, 0.3633333333333333, 0.25, 0.4, 0.5];
  expect(formatCocoSummary([...stats, ...recalls])).toBe(
    ` Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.260
 Average Precision  (AP) @[ IoU=0.50      | area=   all | maxDets=100 ] = 0.567
 Average Precision  (AP) @[ IoU=0.75      | area=   all | maxDets=100 ] = 0.236
 Average Precision  (AP) @[ IoU=0.50:0.95 | area= small | maxDets=100 ] = 0.132
 Average Precision  (AP) @[ IoU=0.50:0.95 | area=medium | maxDets=100 ] = 0.357
 Average Precision  (AP) @[ IoU=0.50:0.95 | area= large | maxDets=100 ] = 0.500
 Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets=  1 ] = 0.140
 Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets= 10 ] = 0.363
 Average Recall     (AR) @[ IoU=0.50:0.95 | area=   all | maxDets=100 ] = 0.363
 Average Recall     (AR) @[ IoU=0.50:0.95 | area= small | maxDets=100 ] = 0.250
 Average Recall     (AR) @[ IoU=0.50:0.95 | area=medium | maxDets=100 ] = 0.400
 Average Recall     (AR) @[ IoU=0.50:0.95 | area= large | maxDets=100 ] = 0.500`,
  );
});

test.each([
  // '{:0.3f}'.format(x) of CPython
  [-1, '-1.000'],
  [0, '0.000'],
  [1, '1.000'],
  [1 / 16, '0.062'],
  [3 / 16, '0.188'],
  [5 / 16, '0.312'],
  [7 / 16, '0.438'],
  [9 / 16, '0.562'],
  [15 / 16, '0.938'],
  [0.0005, '0.001'],
  [0.0015, '0.002'],
  [0.5, '0.500'],
])('%d is printed as %s', (value, text) => {
  expect(formatCocoSummary(new Array(12).fill(value)).split('\n')[0].split('= ').at(-1)).toBe(text);
});

test('a list of another length is refused', () => {
  expect(() => formatCocoSummary([0.5])).toThrow('formatCocoSummary: 1 numbers, the summary has 12');
});
