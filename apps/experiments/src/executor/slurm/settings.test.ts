import fs from 'node:fs';
import path from 'node:path';
import { workspaceWith } from '../../config/fixture.ts';
import { sbatchArguments } from './script.ts';
import { EXECUTOR_FILE, slurmSettings } from './settings.ts';

const ABLATION = { name: 'ablation', profile: 'paper' };

function rootWith(yaml: string): string {
  const { root } = workspaceWith({});
  fs.writeFileSync(path.join(root, EXECUTOR_FILE), yaml);
  return root;
}

test('of all experiments, of this one, of its profile, of the command line: later wins', () => {
  const root = rootWith(`
slurm: { partition: cpu, time: 90, modules: [nodejs/20], options: [--exclude=node7] }
experiments:
  ablation: { slurm: { partition: gpu, memory: 8G } }
  ablation:paper: { slurm: { gres: "gpu:1", time: 1-12:00:00 } }
  other: { slurm: { partition: never } }
`);
  expect(slurmSettings(root, ABLATION, ['memory=16G', 'parallel=4'])).toMatchObject({
    partition: 'gpu',
    memory: '16G',
    gres: 'gpu:1',
    time: '1-12:00:00',
    parallel: 4,
    modules: ['nodejs/20'],
  });
  expect(slurmSettings(root, { ...ABLATION, profile: 'quick' })).toMatchObject({ time: '90', memory: '8G', restarts: 3, poll: 5 });
  expect(slurmSettings(workspaceWith({}).root, ABLATION)).toMatchObject({ modules: [], setup: [], grace: 120 });
  expect(slurmSettings(rootWith('# nothing yet\n'), ABLATION).partition).toBeUndefined();
});

test('what is wrong is told with its place and the way out', () => {
  const wrong =
    (yaml: string, words: string[] = []) =>
    () =>
      slurmSettings(rootWith(yaml), ABLATION, words);
  expect(wrong('slurm:\n  partitoin: x\n')).toThrow('executor.yaml:2:3: unknown key "partitoin" (nearest: "partition")');
  expect(wrong('slurm: { time: tomorrow }\n')).toThrow(/executor\.yaml:1:16: time must be/);
  expect(wrong('slrum: {}\n')).toThrow('executor.yaml:1:1: unknown key "slrum" (nearest: "slurm")');
  expect(wrong('', ['memory=lots'])).toThrow(/^override memory=lots: memory/);
  expect(wrong('', ['setup=["a\\nb"]'])).toThrow(/^override setup/);
});

test('the arguments of sbatch: only what is set, a throttled array, percent signs as they are', () => {
  const settings = slurmSettings(workspaceWith({}).root, ABLATION, ['gres=gpu:1', 'parallel=2', 'options=[--nice=5]']);
  const request = { name: 'stint-a-train', folder: '/runs/50%/slurm', count: 3, cpus: 2, dependency: 'afterany:7' };
  expect(sbatchArguments(request, settings)).toEqual([
    '--parsable',
    '--requeue',
    '--job-name=stint-a-train',
    '--array=0-2%2',
    '--output=/runs/50%%/slurm/slurm-%A_%a.out',
    '--open-mode=append',
    '--signal=B:USR1@120',
    '--ntasks=1',
    '--cpus-per-task=2',
    '--gres=gpu:1',
    '--dependency=afterany:7',
    '--nice=5',
  ]);
});
