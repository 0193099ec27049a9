#!/usr/bin/env node
// Writes src/html/client.generated.ts: the pages' script (this folder and the modules of src/html that it shares) and style sheet as
// text; `--check` only says whether it is up to date. Modules are joined in the order of their imports into one scope, so their top-level names must differ; types are stripped by
// swc. Run it after a change here: `node packages/report/client/build.mjs`. A test says when it was forgotten.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

const folder = path.dirname(fileURLToPath(import.meta.url));
const target = path.join(folder, '../src/html/client.generated.ts');
const IMPORT = /^import (type )?(?:\{[^}]*\}|\w+) from '([^']+)';$/gm;

/** All modules that `file` needs, each once, what is needed first. */
function inOrder(file, done = new Set()) {
  if (done.has(file)) return [];
  done.add(file);
  const needed = [...fs.readFileSync(file, 'utf8').matchAll(IMPORT)].flatMap(([, typeOnly, from]) =>
    typeOnly ? [] : inOrder(path.join(path.dirname(file), from), done),
  );
  return [...needed, file];
}

/** The script as one function, called at once. */
export function clientScript() {
  const sources = inOrder(path.join(folder, 'main.ts')).map((file) => fs.readFileSync(file, 'utf8').replaceAll(IMPORT, ''));
  const joined = sources.join('\n').replaceAll(/^export /gm, '');
  const names = [...joined.matchAll(/^(?:async )?(?:function|const|let|class) (\w+)/gm)].map(([, name]) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice) throw new Error(`client/build.mjs: two modules of the page's script define "${twice}"; rename one`);
  if (joined.includes('</script')) throw new Error('client/build.mjs: the page\'s script must not contain "</script"');
  const { code } = transformSync(joined, {
    isModule: true,
    swcrc: false,
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript' },
      preserveAllComments: false,
      minify: { compress: false, mangle: false, format: { comments: false } },
    },
  });
  return `(() => {\n'use strict';\n${code}})();`;
}

/** The style sheet without comments and indentation. */
export function clientStyle() {
  const css = fs.readFileSync(path.join(folder, 'style.css'), 'utf8');
  return css
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/\n\s*/g, '\n')
    .trim();
}

/** The whole generated file. */
export function generated() {
  const literal = (text) => `\`${text.replaceAll(/[\\`]|\$\{/g, '\\$&')}\``;
  return `// Written by client/build.mjs from client/: do not edit.
export const CLIENT_SCRIPT = ${literal(clientScript())};

export const CLIENT_STYLE = ${literal(clientStyle())};
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!process.argv.includes('--check')) fs.writeFileSync(target, generated());
  else if (fs.readFileSync(target, 'utf8') !== generated()) {
    console.error('src/html/client.generated.ts is not what client/ makes: node packages/report/client/build.mjs');
    process.exitCode = 1;
  }
}
