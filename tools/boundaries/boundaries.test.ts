// The arrows of docs/architecture.md hold: in the project graph, and for a file that breaks them on purpose.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.join(__dirname, '../..');
const env = { ...process.env, NX_DAEMON: 'false', CI: 'true' };

function arrows(): Record<string, string[]> {
  const script = `import('./eslint.config.mjs').then(({ arrows }) => console.log(JSON.stringify(arrows)))`;
  const { stdout } = spawnSync(process.execPath, ['-e', script], { cwd: root, encoding: 'utf8', env });
  return JSON.parse(stdout);
}

test('the project graph has no arrow that the architecture does not allow', () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'stint-graph-')), 'graph.json');
  const nx = spawnSync('npx', ['nx', 'graph', `--file=${file}`], { cwd: root, encoding: 'utf8', env });
  expect(nx.stderr).not.toMatch(/error/i);
  const { graph } = JSON.parse(fs.readFileSync(file, 'utf8'));
  const allowed = arrows();
  const short = (name: string) => name.replace('@stint/', '');
  // Experiments of which results are expected are projects too, so that a change finds them; they depend on libraries, and nothing on them.
  const isExperiment = (name: string) => graph.nodes[name].data.tags?.includes('experiment');
  expect(
    Object.keys(graph.nodes)
      .filter((name) => !isExperiment(name))
      .map(short)
      .sort(),
  ).toEqual(Object.keys(allowed).sort());
  for (const [source, edges] of Object.entries<{ target: string }[]>(graph.dependencies)) {
    const from = isExperiment(source) ? 'experiments' : short(source);
    for (const { target } of edges) expect(allowed[from]).toContain(short(target));
  }
  // The backbone of the picture is really there.
  const targets = (name: string) => graph.dependencies[`@stint/${name}`].map(({ target }: { target: string }) => short(target));
  expect(targets('backbones')).toEqual(expect.arrayContaining(['core-sampling', 'interpolation', 'sparse-conv']));
  expect(targets('experiments')).toEqual(expect.arrayContaining(['backbones', 'training', 'report']));
});

describe('lint', () => {
  const lint = (file: string, source: string) => {
    const args = ['eslint', '--stdin', '--stdin-filename', file, '--format', 'json'];
    const { stdout } = spawnSync('npx', args, { cwd: root, encoding: 'utf8', env, input: source });
    const [{ messages }] = JSON.parse(stdout) as { messages: { ruleId: string; message: string; line: number }[] }[];
    return messages.map(({ ruleId, message, line }) => `${line} ${ruleId} ${message}`);
  };

  test('an arrow against the architecture, and a way round a package door, are errors', () => {
    const source = `import { sampleMask } from '@stint/core-sampling';
import { consoleTable } from '../../report/src/table.ts';
export const used = [sampleMask, consoleTable];
`;
    expect(lint('packages/metrics/src/violation.ts', source)).toEqual([
      expect.stringMatching(/^1 @nx\/enforce-module-boundaries .*"name:metrics" cannot depend on/),
      expect.stringMatching(/^2 @nx\/enforce-module-boundaries /),
    ]);
  });

  test('the same imports along the arrows are fine', () => {
    const source = `import { sampleMask } from '@stint/core-sampling';
import { cocoAp } from '@stint/metrics';
export const used = [sampleMask, cocoAp];
`;
    expect(lint('apps/experiments/src/fine.ts', source)).toEqual([]);
  });
});
