// Runs the examples of a README as tests: every ```ts block is transpiled with swc and executed as an async function body.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { transformSync } from '@swc/core';

/** Registers one jest test for each ```ts block of `file` (blocks marked ```ts no-run are left out). */
export function testReadme(file: string): void {
  const blocks = [...fs.readFileSync(file, 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]);
  if (blocks.length === 0) throw new Error(`${path.basename(path.dirname(file))}/README.md has no runnable \`\`\`ts block`);
  const log = jest.spyOn(console, 'log').mockImplementation(() => {});
  afterAll(() => log.mockRestore());
  blocks.forEach((source, index) => {
    test(`example ${index + 1} of the README runs`, async () => {
      const { code } = transformSync(hoistImports(source), {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
      });
      const body = new Function('require', 'exports', `${code}\nreturn exports.run();`);
      // jest's require honours the workspace's export conditions, so '@stint/x' is the source under test.
      await body((name: string) => (name.startsWith('node:') ? createRequire(file)(name) : require(name)), {});
    });
  });
}

/** `import` lines stay at the top; the rest becomes an exported async function, so that examples may await. */
function hoistImports(source: string): string {
  const imports = source.match(/^import[\s\S]*?from\s*['"][^'"]+['"];?$/gm) ?? [];
  const rest = imports.reduce((text, line) => text.replace(line, ''), source);
  return `${imports.join('\n')}\nexport async function run() {\n${rest}\n}`;
}
