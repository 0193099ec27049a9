import { jsonElement } from './json-element.ts';
import { html } from './markup.ts';

test('text is escaped, markup and arrays stand as they are, nothing leaves nothing', () => {
  const nothing: { markup: string } | undefined = undefined;
  const items = ['a', 'b'].map((item) => html`<li>${item}</li>`);
  expect(html`<p title="${'"\'<&>'}">${'<b>'}${3}${items}${nothing}${false}${null}</p>`.markup).toBe(
    '<p title="&quot;&#39;&lt;&amp;&gt;">&lt;b&gt;3<li>a</li><li>b</li></p>',
  );
});

test('embedded data cannot end its element and comes back as it was', () => {
  const value = { text: '</script><script>alert(1)</script>', none: Number.NaN };
  const { markup } = jsonElement('x', value);
  expect(markup.match(/<\/script>/g)).toHaveLength(1);
  expect(JSON.parse(markup.slice(markup.indexOf('>') + 1, markup.lastIndexOf('<')))).toEqual({ ...value, none: null });
});
