// The `stint` command line: every command with its options, help and examples. What a command does is loaded when it is called,
// so that `stint list` does not load TensorFlow.
import { Command, Option } from 'commander';
import { findWorkspace, type Workspace } from '../config/catalog.ts';
import { parseCounts, parseDensities, parseNames, parsePositive, parseSeeds, parseSize, parseStages } from './arguments.ts';
import { addModelCommands } from './commands-models.ts';
import { addTrustCommands } from './commands-trust.ts';
import { EXIT_CODES, examples, json } from './help.ts';
import type { Io } from './io.ts';

export interface ProgramOptions {
  io: Io;
  workspace?: Workspace;
  /** Receives the exit code of the command that ran. */
  onExit(code: number): void;
}

const collect = (value: string, before: string[] = []): string[] => [...before, value];

export function createProgram({ io, workspace = findWorkspace(), onExit }: ProgramOptions): Command {
  const program = new Command('stint')
    .description('Spatially adaptive inference: run experiments, evaluate detections, count MACs.')
    .showHelpAfterError('(add --help for usage)')
    .addHelpText('after', EXIT_CODES);

  const selecting = (command: Command, experiment = '<experiment[:profile]>'): Command =>
    command
      .argument(experiment, 'an experiment of "stint list"; the default profile is quick')
      .argument('[key=value...]', 'overrides of the configuration, e.g. train.steps=300 sweep.loss.sparseWeight=[0.2,1]')
      .option('--profile <name>', 'same as EXPERIMENT:NAME')
      .option('--seeds <seeds>', 'number of seeds (3 means 1,2,3) or a list (1,2,7)', parseSeeds)
      .option('--arms <names>', 'only these arms, separated by commas', parseNames)
      .option('--data-root <dir>', "folder of images to use instead of the profile's");

  selecting(program.command('run'))
    .description('Train and evaluate every arm with every seed, then report. Finished runs are not repeated.')
    .option('--jobs <n>', 'processes at once (default: cores / threads of a run)', parsePositive('--jobs'))
    .option('--resume', 'unfinished runs go on from their last checkpoint instead of starting over')
    .option('--force', 'start over, also where a folder holds finished runs or another configuration')
    .option('--out <dir>', 'folder of the runs (default: runs/<experiment>/<profile>)')
    .addOption(
      new Option('--executor <name>', 'where the runs run: local processes, or jobs of a cluster')
        .choices(['local', 'slurm'])
        .default('local'),
    )
    .option('--slurm <key=value>', 'a setting of executor.yaml, e.g. partition=gpu (may be repeated)', collect)
    .option('--detach', 'with --executor slurm: return when everything is submitted')
    .option('--checkpoint <file>', 'trained network for a latency experiment to measure with its own masks')
    .addOption(json())
    .addHelpText(
      'after',
      examples(
        'run ablation-interp',
        'run ablation-interp:standard --resume',
        'run ablation-interp train.steps=300 --arms rbf,zeros --seeds 3 --out runs/mine',
        'run ablation-interp:bccd --data-root ~/my-coco-folder',
        'run cpu-latency:quick threads=[1]',
        'run ablation-interp:paper --executor slurm --slurm partition=gpu --slurm gres=gpu:1 --detach',
      ),
    )
    .action(async (target, words, options) => {
      const { runCommand } = await import('./run.ts');
      onExit(await runCommand(target, words, options, { io, workspace }));
    });

  selecting(program.command('pretrain'))
    .description(
      'Train the networks that the runs of an experiment start from, unless they are in .cache/pretrained or come with the project.',
    )
    .option('--jobs <n>', 'processes at once', parsePositive('--jobs'))
    .option('--fresh', 'train them anew, whatever is there')
    // `stint run` has these, and Nx forwards the arguments of a run to its pretraining.
    .addOption(new Option('--resume').hideHelp())
    .addOption(new Option('--force').hideHelp())
    .addOption(new Option('--out <dir>').hideHelp())
    .addOption(new Option('--executor <name>').choices(['local', 'slurm']).hideHelp())
    .addOption(new Option('--slurm <key=value>').argParser(collect).hideHelp())
    .addOption(new Option('--detach').hideHelp())
    .addOption(json())
    .addHelpText('after', examples('pretrain ablation-interp', 'pretrain ablation-interp:bccd pretrain.steps=500'))
    .action(async (target, words, options) => {
      const { pretrainCommand } = await import('./pretrain.ts');
      onExit(await pretrainCommand(target, words, options, { io, workspace }));
    });

  selecting(program.command('report'), '[experiment[:profile]]')
    .description(
      'Write the report (report.md, report.html) of what an experiment has finished, or one page over all reports; runs nothing.',
    )
    .option(
      '--out <dir>',
      'folder of the runs (default: runs/<experiment>/<profile>); with --index, the folder of index.html, or the page itself (NAME.html)',
    )
    // The last job of a cluster: what has no result has failed.
    .addOption(new Option('--collect').hideHelp())
    .option('--no-images', "leave out the pictures that show the data's images, where those must not be passed on")
    .option('--index [paths...]', 'write index.html over the reports in these folders (default: runs)')
    .addOption(json())
    .addHelpText(
      'after',
      examples(
        'report ablation-interp:standard',
        'report ablation-interp --out runs/mine',
        'report segmentation-tradeoff:camvid --no-images',
        'report --index',
        'report --index docs/results',
      ),
    )
    .action(async (target, words, options) => {
      const { reportCommand } = await import('./report.ts');
      onExit(await reportCommand(target, words, options, { io, workspace }));
    });

  program
    .command('list')
    .description('List the experiments and their profiles.')
    .addOption(json())
    .addHelpText('after', examples('list', 'list --json'))
    .action(async (options) => {
      const { listCommand } = await import('./list.ts');
      onExit(listCommand(options, { io, workspace }));
    });

  selecting(program.command('show'))
    .description('Show the runs of an experiment and their resolved configuration.')
    .addOption(json())
    .addHelpText(
      'after',
      examples('show ablation-interp', 'show ablation-interp:paper', 'show ablation-interp train.lr=0.001 --arms rbf --json'),
    )
    .action(async (target, words, options) => {
      const { showCommand } = await import('./show.ts');
      onExit(showCommand(target, words, options, { io, workspace }));
    });

  program
    .command('doctor')
    .description('Say what was found (TensorFlow, its binding, threads, GPU) and what is wrong.')
    .addOption(json())
    .addHelpText('after', examples('doctor', 'doctor --json'))
    .action(async (options) => {
      const { doctorCommand } = await import('./doctor.ts');
      onExit(await doctorCommand(options, { io }));
    });

  const evaluate = program.command('evaluate').description('Evaluate predictions that any program made.').addHelpText('after', EXIT_CODES);
  evaluate
    .command('coco')
    .description('COCO average precision of a results file, as pycocotools computes it.')
    .requiredOption('--ground-truth <file>', 'instances JSON (images, annotations, categories)')
    .requiredOption('--detections <file>', 'results JSON: [{image_id, category_id, bbox: [x, y, w, h], score}]')
    .addOption(json())
    .addHelpText('after', examples('evaluate coco --ground-truth data/bccd/annotations/instances_val.json --detections results.json'))
    .action(async (options) => {
      const { evaluateCocoCommand } = await import('./evaluate-coco.ts');
      onExit(await evaluateCocoCommand(options, { io }));
    });
  evaluate
    .command('cityscapes')
    .description('Cityscapes IoU (classes, categories, instance-level, 19 train ids) of label images, as cityscapesScripts computes it.')
    .requiredOption('--labels <dir>', 'folder with *_gtFine_labelIds.png (and *_gtFine_instanceIds.png beside them), at any depth')
    .requiredOption('--predictions <dir>', 'folder with one PNG of label ids a frame, named <city>_<sequence>_<frame>*.png, at any depth')
    .addOption(json())
    .addHelpText('after', examples('evaluate cityscapes --labels ~/cityscapes/gtFine/val --predictions results --json'))
    .action(async (options) => {
      const { evaluateCityscapesCommand } = await import('./evaluate-cityscapes.ts');
      onExit(await evaluateCityscapesCommand(options, { io }));
    });

  program
    .command('macs')
    .description('Count multiply-accumulates of a backbone, split into dense, conditional, mask heads and interpolation.')
    .argument('<model>', 'resnet50, resnet101 or embedded')
    .requiredOption('--size <HxW>', 'image size in pixels', parseSize)
    .option('--densities <number|file>', 'one density for every mask (0..1), or JSON: {block: {mask1, mask2}} or a result.json')
    .option(
      '--deformable <stages>',
      "count the offset convolutions of deformable stages, as the paper's models have them (2,3,4)",
      parseStages,
    )
    .option('--classifier', 'count the 1000-class layer')
    .addOption(json())
    .addHelpText(
      'after',
      examples(
        'macs resnet101 --size 992x1664',
        'macs resnet101 --size 992x1664 --densities 0.35 --json',
        'macs embedded --size 160x160 --densities runs/ablation-interp/quick/rbf/sparseWeight=1-seed1/result.json',
      ),
    )
    .action(async (model, options) => {
      const { macsCommand } = await import('./macs.ts');
      onExit(await macsCommand(model, options, { io }));
    });

  program
    .command('bench')
    .description('Time a network on this CPU, dense and sampled, beside onnxruntime and OpenVINO.')
    .argument('<model>', 'resnet50, resnet101 (random weights), or a trained checkpoint (safetensors)')
    .requiredOption('--size <HxW>', 'image size in pixels', parseSize)
    .option('--densities <list>', 'densities of the masks, separated by commas (default: 1,0.5,0.35,0.25)', parseDensities)
    .option('--threads <list>', 'numbers of threads, separated by commas (default: 1)', parseCounts('--threads'))
    .option('--rounds <n>', 'how often each is timed (default: 5)', parsePositive('--rounds'))
    .option('--fpn <channels>', 'with a feature pyramid of so many channels', parsePositive('--fpn'))
    .option('--engines <names>', 'engines to compare with: onnxruntime,openvino (default) or none', parseNames)
    .addOption(json())
    .addHelpText(
      'after',
      examples('bench resnet101 --size 480x800 --threads 1,2', 'bench model.safetensors --size 160x160 --engines none --json'),
    )
    .action(async (model, options) => {
      const { benchCommand } = await import('../latency/bench.ts');
      onExit(await benchCommand(model, options, { io, workspace }));
    });

  addModelCommands(program, { io, onExit });
  addTrustCommands(program, { io, workspace, onExit });

  program
    .command('completion')
    .description('Print a script that completes commands, options and experiments in bash, zsh or fish.')
    .argument('<shell>', 'bash, zsh or fish')
    .addHelpText('after', examples('completion bash > ~/.local/share/bash-completion/completions/stint', 'completion fish'))
    .action(async (shell) => {
      const { completionCommand } = await import('./completion.ts');
      onExit(completionCommand(shell, { io, workspace, program }));
    });

  for (const kind of ['train', 'pretrain'] as const) {
    program
      .command(`${kind}-run`, { hidden: true })
      .description('One run in this process; "stint run" starts these.')
      .requiredOption('--config <file>', "config.yaml of the run's folder")
      .option('--resume', 'go on from the last checkpoint')
      .option('--trained <folder>', 'evaluate what the run in this folder trained')
      .action(async (options) => {
        const { childCommand } = await import('./child.ts');
        onExit(await childCommand(kind, options, { workspace }));
      });
  }
  return program;
}
