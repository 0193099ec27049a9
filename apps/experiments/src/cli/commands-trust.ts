// The commands that say whether results can be trusted: verify, compare, reproduce.
import type { Command } from 'commander';
import type { Workspace } from '../config/catalog.ts';
import { parseFinite, parsePositive } from './arguments.ts';
import { examples, json } from './help.ts';
import type { Io } from './io.ts';

interface Context {
  io: Io;
  workspace: Workspace;
  onExit(code: number): void;
}

export function addTrustCommands(program: Command, { io, workspace, onExit }: Context): void {
  program
    .command('verify')
    .description('Evaluate finished runs again from their checkpoints and compare every number with the one that was written.')
    .argument('<run...>', 'folders of runs, or of experiments with all their runs')
    .option('--tolerance <x>', 'absolute difference that passes (default: 0, the same to the last bit)', parseFinite('--tolerance'))
    .addOption(json())
    .addHelpText(
      'after',
      examples('verify runs/ablation-interp/quick/rbf/sparseWeight=1-seed1', 'verify runs/ablation-interp/quick --tolerance 1e-6 --json'),
    )
    .action(async (folders, options) => {
      const { verifyCommand } = await import('./verify.ts');
      onExit(await verifyCommand(folders, options, { io, workspace }));
    });

  program
    .command('compare')
    .description("Show what two runs, or two experiments' runs, differ in: configuration, results, code and machine.")
    .argument('<a>', 'folder of a run or of an experiment')
    .argument('<b>', 'folder of another')
    .option('--tolerance <x>', 'absolute difference of results that does not count (default: 0)', parseFinite('--tolerance'))
    .addOption(json())
    .addHelpText(
      'after',
      examples(
        'compare runs/ablation-interp/quick/rbf/sparseWeight=1-seed1 runs/ablation-interp/quick/zeros/sparseWeight=1-seed1',
        'compare runs/ablation-interp/quick runs/mine --json',
      ),
    )
    .action(async (a, b, options) => {
      const { compareCommand } = await import('./compare.ts');
      onExit(await compareCommand(a, b, options, { io }));
    });

  program
    .command('reproduce')
    .description('Run a profile again and compare its numbers with the committed ones (experiments/expected); docs/ci.md shows it in CI.')
    .argument('<experiment[:profile]>', 'an experiment of "stint list"; the default profile is quick')
    .option('--profile <name>', 'same as EXPERIMENT:NAME')
    .option('--update', 'write down what it gives now as what is expected')
    .option('--from <dir>', 'take the numbers of finished runs in this folder instead of running')
    .option('--reuse', 'runs that an earlier reproduction finished with this code and configuration count')
    .option('--jobs <n>', 'processes at once (default: cores / threads of a run)', parsePositive('--jobs'))
    .addOption(json())
    .addHelpText(
      'after',
      examples(
        'reproduce ablation-interp:smoke',
        'reproduce ablation-interp:quick --update --from runs/ablation-interp/quick',
        'reproduce ablation-grid:smoke --json',
      ),
    )
    .action(async (target, options) => {
      const { reproduceCommand } = await import('./reproduce.ts');
      onExit(await reproduceCommand(target, options, { io, workspace }));
    });
}
