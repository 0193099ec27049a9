import fs from 'node:fs';
import path from 'node:path';
import { UsageError } from '../config/catalog.ts';
import { pretrainedFolder } from '../run/pretrained.ts';
import { executeExperiment } from './execute.ts';
import { fakeProject, PRETRAIN } from './fake-stint.ts';
import { executePretraining } from './local.ts';

test('every run gets its folder and process; finished runs are not repeated', async () => {
  const project = fakeProject('seeds: [1, 2]\n');
  const outcome = await executeExperiment(project.resolve(), project.options());
  expect(outcome.failures).toEqual([]);
  expect(outcome.results.map(({ arm, seed }) => `${arm} ${seed}`)).toEqual(['rbf 1', 'rbf 2', 'zeros 1', 'zeros 2']);
  expect(project.starts()).toEqual(['train-run rbf 1', 'train-run rbf 2', 'train-run zeros 1', 'train-run zeros 2']);
  expect(project.log).toContain('[rbf/seed1] step 1 of rbf');
  expect(project.log.filter((line) => line.startsWith('[4/4]'))).toHaveLength(1);
  expect(fs.readFileSync(path.join(project.folder, 'rbf/seed2/log.txt'), 'utf8')).toBe('step 1 of rbf\n');

  const again = await executeExperiment(project.resolve({ seeds: [1, 2, 3] }), project.options());
  expect(project.starts()).toEqual(['train-run rbf 3', 'train-run zeros 3']);
  expect([again.reused, again.results.length]).toEqual([4, 6]);
});

test('a failed run is reported with its last lines and stops no other', async () => {
  const project = fakeProject('  bad: { train: { lr: 0.2 } }\n');
  const { results, failures } = await executeExperiment(project.resolve(), project.options({ jobs: 1 }));
  expect(results.map(({ arm }) => arm)).toEqual(['rbf', 'zeros']);
  expect(failures.map(({ run }) => run.name)).toEqual(['bad/seed1']);
  expect(failures[0].lastLines).toHaveLength(15);
  expect(failures[0].lastLines.at(-1)).toBe('loss is NaN at step 3');
  expect(project.log).toContainEqual(expect.stringMatching(/bad\/seed1 FAILED \(exit code 3\)/));
});

test('a folder with another configuration is refused by name; --force replaces it', async () => {
  const project = fakeProject();
  await executeExperiment(project.resolve(), project.options());
  project.starts();
  const changed = project.resolve({ overrides: ['train.lr=0.5'] });
  const refused = executeExperiment(changed, project.options());
  await expect(refused).rejects.toThrow(UsageError);
  await expect(refused).rejects.toThrow(/runs\/tiny\/default\/rbf\/seed1\n {2}runs\/tiny\/default\/zeros\/seed1\n.*--out DIR.*--force/s);
  expect(project.starts()).toEqual([]);
  fs.writeFileSync(path.join(project.folder, 'rbf/seed1/old.txt'), '');
  const { results } = await executeExperiment(changed, project.options({ force: true }));
  expect([results.length, project.starts().length]).toEqual([2, 2]);
  expect(fs.existsSync(path.join(project.folder, 'rbf/seed1/old.txt'))).toBe(false);
});

test('an unfinished run starts over, or goes on with --resume', async () => {
  const project = fakeProject();
  await executeExperiment(project.resolve(), project.options());
  const own = path.join(project.folder, 'rbf/seed1');
  const interrupt = () => {
    fs.rmSync(path.join(own, 'result.json'));
    fs.writeFileSync(path.join(own, 'last.safetensors'), '');
    project.starts();
  };
  interrupt();
  await executeExperiment(project.resolve(), project.options({ resume: true }));
  expect(project.starts()).toEqual(['train-run rbf 1 --resume']);
  expect(fs.existsSync(path.join(own, 'last.safetensors'))).toBe(true);
  interrupt();
  await executeExperiment(project.resolve(), project.options());
  expect(project.starts()).toEqual(['train-run rbf 1']);
  expect(fs.existsSync(path.join(own, 'last.safetensors'))).toBe(false);
});

test('a shared network is pretrained once, before the runs; later ones find it in the cache', async () => {
  const project = fakeProject(PRETRAIN);
  await executeExperiment(project.resolve(), project.options());
  expect(project.starts()).toEqual(['pretrain-run rbf 1', 'train-run rbf 1', 'train-run zeros 1']);
  await executeExperiment(project.resolve({ seeds: [2] }), project.options());
  expect(project.starts()).toEqual(['train-run rbf 2', 'train-run zeros 2']);
  expect(project.log).toContainEqual(expect.stringMatching(/^pretrained network [0-9a-f]{16}: from the cache$/));
});

test('a network that comes with the project is taken, and trained anew only when that is asked for', async () => {
  const project = fakeProject(PRETRAIN);
  const { root } = project.workspace;
  const { runs } = project.resolve();
  const directory = pretrainedFolder(runs[0].config, root);
  const shipped = path.join(root, 'experiments/pretrained', path.basename(directory));
  fs.mkdirSync(shipped, { recursive: true });
  for (const name of ['best.safetensors', 'dense.json', 'config.yaml']) fs.writeFileSync(path.join(shipped, name), `shipped ${name}`);
  const weights = () => fs.readFileSync(path.join(directory, 'best.safetensors'), 'utf8');

  await executeExperiment(project.resolve(), project.options());
  expect(project.starts()).toEqual(['train-run rbf 1', 'train-run zeros 1']);
  expect(weights()).toBe('shipped best.safetensors');
  expect(project.log).toContainEqual(expect.stringMatching(/^pretrained network [0-9a-f]{16}: comes with the project/));

  expect(await executePretraining(runs, { ...project.options(), fresh: true })).toEqual([]);
  expect([project.starts(), weights()]).toEqual([['pretrain-run rbf 1'], 'weights']);
  // What was trained here is kept.
  await executePretraining(runs, project.options());
  expect([project.starts(), weights()]).toEqual([[], 'weights']);
  // A training that was interrupted goes on.
  fs.renameSync(path.join(directory, 'best.safetensors'), path.join(directory, 'last.safetensors'));
  await executePretraining(runs, project.options());
  expect(project.starts()).toEqual(['pretrain-run rbf 1']);
  // Not under the hands of another process.
  fs.writeFileSync(path.join(directory, 'lock'), String(process.ppid));
  await expect(executePretraining(runs, { ...project.options(), fresh: true })).rejects.toThrow(/pretrained network/);
  expect(weights()).toBe('weights');
});

test('when pretraining fails, every run that needs it is a failure and none starts', async () => {
  const project = fakeProject(PRETRAIN);
  fs.writeFileSync(path.join(project.workspace.root, 'pretraining-fails'), '');
  const { results, failures } = await executeExperiment(project.resolve(), project.options());
  expect(results).toEqual([]);
  expect(failures.map(({ run }) => run.arm)).toEqual(['rbf', 'zeros']);
  expect(failures[1].lastLines.at(-1)).toBe('no memory left');
  expect(project.starts()).toEqual(['pretrain-run rbf 1']);
});

test('stopping lets the running save, starts no other, and says which signal it was', async () => {
  const project = fakeProject('  long: { train: { lr: 0.2 } }\n  late: { train: { lr: 0.3 } }\n');
  const stop = new AbortController();
  const log = (line: string) => {
    if (line === '[long/seed1] waiting') stop.abort('SIGTERM');
  };
  const { results, failures, stopped } = await executeExperiment(project.resolve(), project.options({ jobs: 1, stop: stop.signal, log }));
  expect([stopped, failures, results.map(({ arm }) => arm)]).toEqual(['SIGTERM', [], ['rbf', 'zeros']]);
  expect(project.starts()).toEqual(['train-run long 1', 'train-run rbf 1', 'train-run zeros 1']);
  expect(fs.existsSync(path.join(project.folder, 'long/seed1/last.safetensors'))).toBe(true);
});

describe('runs that differ only in their evaluation', () => {
  const more = '  blue: { evaluate: { sampler: blue-noise } }\n  shifted: { evaluate: { shift: -1 } }\n';

  test('the first trains, the others evaluate its checkpoint, when it is there', async () => {
    const project = fakeProject(more);
    const { results, failures } = await executeExperiment(project.resolve(), project.options());
    expect([failures, results.map(({ arm }) => arm)]).toEqual([[], ['rbf', 'zeros', 'blue', 'shifted']]);
    const trained = `--trained ${path.join(project.folder, 'rbf/seed1')}`;
    expect(project.starts()).toEqual([
      `train-run blue 1 ${trained}`,
      'train-run rbf 1',
      `train-run shifted 1 ${trained}`,
      'train-run zeros 1',
    ]);
    expect(project.log).toContain('2 of 4 runs evaluate what another run trains');
    expect(project.log.findIndex((line) => /shifted.*done|blue.*done/.test(line))).toBeGreaterThan(
      project.log.findIndex((line) => /rbf\/seed1 done/.test(line)),
    );

    // What is finished and has its checkpoint trains for those that come later.
    fs.writeFileSync(path.join(project.folder, 'rbf/seed1/last.safetensors'), 'weights');
    fs.rmSync(path.join(project.folder, 'blue/seed1/result.json'));
    await executeExperiment(project.resolve(), project.options());
    expect(project.starts()).toEqual([`train-run blue 1 ${trained}`]);
  });

  test('where the checkpoint is gone, or the trainer is not asked for, another trains', async () => {
    const project = fakeProject(more);
    await executeExperiment(project.resolve(), project.options());
    project.starts();
    fs.rmSync(path.join(project.folder, 'blue/seed1/result.json'));
    await executeExperiment(project.resolve(), project.options());
    expect(project.starts()).toEqual(['train-run blue 1']);
    await executeExperiment(project.resolve({ arms: ['shifted'], seeds: [2] }), project.options());
    expect(project.starts()).toEqual(['train-run shifted 2']);
  });

  test('what another experiment has trained is evaluated here, unless its code or configuration is another', async () => {
    const project = fakeProject(more);
    await executeExperiment(project.resolve({ arms: ['rbf', 'zeros'] }), project.options());
    for (const arm of ['rbf', 'zeros']) fs.writeFileSync(path.join(project.folder, arm, 'seed1/last.safetensors'), 'weights');
    const broken = path.join(project.folder, 'zeros/seed1/result.json');
    fs.writeFileSync(broken, fs.readFileSync(broken, 'utf8').replace(/"codeHash":"[^"]*"/, '"codeHash":"older"'));
    project.starts();
    const folder = path.join(project.workspace.root, 'runs/other/default');
    const { results } = await executeExperiment(project.resolve(), project.options({ folder }));
    const trained = `--trained ${path.join(project.folder, 'rbf/seed1')}`;
    expect(project.starts()).toEqual([
      `train-run blue 1 ${trained}`,
      `train-run rbf 1 ${trained}`,
      `train-run shifted 1 ${trained}`,
      'train-run zeros 1',
    ]);
    expect(results).toHaveLength(4);
    expect(project.log).toContain('3 of 4 runs evaluate what another run trains (3 of them: in another experiment)');
    await executeExperiment(project.resolve(), project.options({ folder, force: true }));
    expect(project.starts()).toContain('train-run rbf 1');
  });

  test('a training that fails takes with it what evaluates it', async () => {
    const project = fakeProject('  bad: { train: { lr: 0.2 } }\n  worse: { train: { lr: 0.2 }, evaluate: { shift: 1 } }\n');
    const { failures } = await executeExperiment(project.resolve(), project.options());
    expect(failures.map(({ run, lastLines }) => [run.arm, lastLines.at(-1)])).toEqual([
      ['bad', 'loss is NaN at step 3'],
      ['worse', 'bad/seed1, whose training it evaluates, failed'],
    ]);
    expect(project.starts()).toEqual(['train-run bad 1', 'train-run rbf 1', 'train-run zeros 1']);
  });
});
