import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { codeHash } from '../config/code.ts';
import { TINY, workspaceWith } from '../config/fixture.ts';
import { configHash } from '../config/hash.ts';
import { resolveExperiment } from '../config/resolve.ts';
import { tinyResult } from '../run/tiny-run.ts';
import { runChild, type Work } from './child.ts';
import { folderState, prepareFolder, readRun } from './run-folder.ts';

const [run] = resolveExperiment('tiny', workspaceWith({ 'tiny.yaml': `${TINY}sweep: { loss.sparseWeight: [0.1] }\n` })).runs;
const newFolder = () => path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'stint-run-')), 'x');

test('config.yaml brings the run back, equal to the last bit', () => {
  const folder = newFolder();
  expect(folderState(run, folder)).toBe('new');
  prepareFolder(run, folder, { keep: false });
  expect(readRun(path.join(folder, 'config.yaml'))).toEqual(run);
  expect(folderState(run, folder)).toBe('unfinished');
  expect(folderState({ ...run, config: { ...run.config, seed: 9 } }, folder)).toBe('other-config');
  fs.writeFileSync(path.join(folder, 'config.yaml'), 'a: [');
  expect(folderState(run, folder)).toBe('other-config');
});

test('a config.yaml that was edited by hand is refused, at its place', () => {
  const file = path.join(newFolder(), 'config.yaml');
  prepareFolder(run, path.dirname(file), { keep: true });
  const text = fs.readFileSync(file, 'utf8');
  fs.writeFileSync(file, text.replace('sparseWeight: 0.1\n    sparse:', 'sparseWeight: 0.2\n    sparse:'));
  expect(() => readRun(file)).toThrow(/config\.yaml:2:7: the hash is .* the file was changed by hand/);
  fs.writeFileSync(file, text.replace('batchSize: 2', 'batchSize: 0'));
  expect(() => readRun(file)).toThrow(/train\.batchSize must be a whole number from 1 to 4096, found 0/);
});

test('a result counts only with the hash of the configuration and of the code', () => {
  const folder = newFolder();
  prepareFolder(run, folder, { keep: false });
  const stateWith = (result: object) => {
    fs.writeFileSync(path.join(folder, 'result.json'), JSON.stringify({ ...tinyResult(run), ...result }));
    return folderState(run, folder);
  };
  expect(stateWith({ configHash: 'other', codeHash: codeHash() })).toBe('unfinished');
  expect(stateWith({ configHash: configHash(run.config), codeHash: 'other' })).toBe('stale');
  expect(stateWith({ configHash: configHash(run.config), codeHash: codeHash() })).toBe('finished');
  expect(stateWith({ codeHash: codeHash(), metrics: { AP: '50' } })).toBe('unfinished'); // damaged: made again
});

describe('the child', () => {
  const folder = newFolder();
  prepareFolder(run, folder, { keep: false });
  const work = (more: Partial<Work>): Work => ({ executeRun: async () => {}, ensurePretrained: async () => {}, ...more });
  const start = (given: Work, kind: 'train' | 'pretrain' = 'train', signal = new AbortController().signal) => {
    const written: string[] = [];
    const stream = { write: (text: string) => written.push(text) };
    const code = runChild(kind, given, { root: '/root', configFile: path.join(folder, 'config.yaml'), resume: true, signal, stream });
    return { code, written };
  };

  test('does what its configuration says, in its folder', async () => {
    const executeRun = jest.fn(async () => {});
    const ensurePretrained = jest.fn(async () => {});
    expect(await start(work({ executeRun })).code).toBe(0);
    expect(executeRun).toHaveBeenCalledWith(run, folder, expect.objectContaining({ root: '/root', resume: true }));
    expect(await start(work({ ensurePretrained }), 'pretrain').code).toBe(0);
    expect(ensurePretrained).toHaveBeenCalledWith(run.config, expect.objectContaining({ root: '/root' }));
  });

  test('evaluates the training of another run, and no other than it would train', async () => {
    const other = { ...run, name: 'other', config: { ...run.config, evaluate: { ...run.config.evaluate, shift: 1 } } };
    const trained = newFolder();
    prepareFolder(other, trained, { keep: false });
    const executeRun = jest.fn(async () => {});
    const options = { root: '/root', configFile: path.join(folder, 'config.yaml'), resume: false, signal: new AbortController().signal };
    const stream = { write: () => true };
    expect(await runChild('train', work({ executeRun }), { ...options, stream, trained })).toBe(0);
    expect(executeRun).toHaveBeenCalledWith(run, folder, expect.objectContaining({ trained: { folder: trained, run: 'other' } }));
    prepareFolder({ ...other, config: { ...other.config, seed: 9 } }, trained, { keep: false });
    await expect(runChild('train', work({ executeRun }), { ...options, stream, trained })).rejects.toThrow('holds another training');
  });

  test('ends with the exit code of the signal when it was stopped, and lets errors through', async () => {
    const executeRun = async () => {
      throw new Error('stopped after step 3');
    };
    const stopped = start(work({ executeRun }), 'train', AbortSignal.abort('SIGINT'));
    expect([await stopped.code, stopped.written]).toEqual([130, ['stopped after step 3\n']]);
    await expect(start(work({ executeRun })).code).rejects.toThrow('stopped after step 3');
  });
});
