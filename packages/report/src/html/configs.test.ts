import { configSection, differingPaths, flatten } from './configs.ts';

const base = { arm: 'a', config: { model: { kind: 'rbf', window: 7 }, list: [1, [2]], none: null, empty: {} } };
const other = { arm: 'b', config: { model: { kind: 'zeros' }, list: [1, [2]], none: null, empty: {} } };

test('a configuration as paths', () => {
  expect([...flatten(base.config)]).toEqual([
    ['model.kind', 'rbf'],
    ['model.window', '7'],
    ['list', '[1, [2]]'],
    ['none', 'null'],
    ['empty', '{}'],
  ]);
  expect(differingPaths([base, other])).toEqual(['model.kind', 'model.window']);
});

test('differences to the base are marked, with what the base has; missing ones are named', () => {
  const { markup } = configSection([base, other], { list: [1, 2] });
  expect(markup).toContain('<mark>  kind: zeros</mark>  <span class="was"># a: rbf</span>');
  expect(markup).toContain('<span class="was"># without model.window: 7</span>');
  expect(markup).toContain('2 differences to a');
  expect(markup).toContain('list: [1, [2]]<span class="was">  # swept</span>');
  expect(markup).toContain('is swept over 1, 2');
});

test('equal arms, one arm, none', () => {
  expect(configSection([base, { ...base, arm: 'b' }], {}).markup).toContain('The arms do not differ.');
  expect(configSection([base], {}).markup).not.toContain('Differences between');
  expect(configSection([], {}).markup).toContain('No configurations');
});
