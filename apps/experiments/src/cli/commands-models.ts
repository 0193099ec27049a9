// The commands that take a trained network as a file: predict, calibrate, prune, export, import.
import { type Command, Option } from 'commander';
import { parseBudgets, parseDensity, parseFinite, parsePositive, parseRatio, parseShare, parseSize, parseWhole } from './arguments.ts';
import { examples, json } from './help.ts';
import type { Io } from './io.ts';

interface Context {
  io: Io;
  onExit(code: number): void;
}

const CHECKPOINT = '--checkpoint <file>';

export function addModelCommands(program: Command, { io, onExit }: Context): void {
  program
    .command('predict')
    .description(
      'Run a trained checkpoint on image files: one JSON line an image, objects or classes and masks drawn, milliseconds and MACs.',
    )
    .argument('<image...>', 'image files, folders (with all below them), or quoted patterns such as "photos/**/*.jpg"')
    .requiredOption(CHECKPOINT, 'last.safetensors of a run, or any checkpoint of "stint import"')
    .option(
      '--out <dir>',
      'draw NAME.png (objects or classes), NAME.labels.png (ids of the classes) and NAME.masks.png (where it computed) into this folder',
    )
    .option('--score <s>', 'of detectors: draw and list objects from this score on (default: 0.3)', parseShare('--score'))
    .option('--budget <share>', "MACs as a share of the dense network's, for calibrated checkpoints", parseFinite('--budget'))
    .option('--shift <x>', 'added to the logits of all masks: less than 0 computes less', parseFinite('--shift'))
    .option('--sampler <kind>', 'stochastic (default), deterministic, blue-noise, random, uniform, activation, dense')
    .option('--density <share>', 'of random, uniform, activation: share of the positions, or matched', parseDensity)
    .option('--interval <cells>', "grid prior; 0 is off (default: the network's)", parseWhole('--interval'))
    .option(
      '--seed <n>',
      'of the masks that are drawn: same seed, same masks, whatever images stand beside (default: 0)',
      parseWhole('--seed'),
    )
    .option('--threads <n>', 'threads (default: 1)', parsePositive('--threads'))
    .option('--engine <name>', 'compiled, tfjs, or auto (default): compiled, and tfjs for what it does not know')
    .option('--short-side <px>', 'bring the short side to this length first (default: images as they are)', parsePositive('--short-side'))
    .option('--max-side <px>', 'but the long side to no more than this', parsePositive('--max-side'))
    .option('--masks <which>', 'masks to draw: last block of each stage (default), all, none')
    .option('--stored-orientation', 'do not turn images as their EXIF says')
    .option('--coco <file>', 'of detectors: write all detections as COCO results JSON')
    .option('--ground-truth <file>', 'instances JSON that gives the image ids of --coco, by file name')
    .option('--quiet', 'no progress on stderr')
    .addHelpText(
      'after',
      examples(
        'predict photo.jpg --checkpoint apps/experiments/fixtures/embedded-rbf.safetensors --out predicted',
        'predict data/bccd/images/val --checkpoint last.safetensors --short-side 192 --max-side 256 --coco results.json --out predicted',
        'predict "photos/**/*.{jpg,png}" --checkpoint last.safetensors --budget 0.5 --threads 2 > lines.jsonl',
      ),
    )
    .action(async (images, options) => {
      const { predictCommand } = await import('./predict.ts');
      onExit(await predictCommand(images, options, { io }));
    });

  program
    .command('calibrate')
    .description('Find the shift of the mask logits for each budget on a few typical images, and write the table into the checkpoint.')
    .requiredOption(CHECKPOINT, 'a checkpoint with masks')
    .requiredOption('--images <image...>', 'typical images, 8 to 32: files, folders, quoted patterns')
    .requiredOption('--budgets <list>', "MACs as shares of the dense network's, e.g. 0.4,0.6,0.8", parseBudgets)
    .option('--out <file>', 'write a copy with the table instead of changing the checkpoint')
    .option('--limit <n>', 'images to use, spread over those given (default: 32)', parsePositive('--limit'))
    .option('--short-side <px>', 'bring the short side to this length first, as predict will', parsePositive('--short-side'))
    .option('--max-side <px>', 'but the long side to no more than this', parsePositive('--max-side'))
    .option('--threads <n>', 'threads (default: 1)', parsePositive('--threads'))
    .addOption(json())
    .addHelpText(
      'after',
      examples('calibrate --checkpoint last.safetensors --images data/bccd/images/train --budgets 0.4,0.6,0.8 --out dialled.safetensors'),
    )
    .action(async (options) => {
      const { calibrateCommand } = await import('./calibrate.ts');
      onExit(await calibrateCommand(options, { io }));
    });

  program
    .command('prune')
    .description('Take the least important channels out of a checkpoint: a smaller network in a file of its own, to run or to fine-tune.')
    .requiredOption(CHECKPOINT, 'trained network (safetensors)')
    .requiredOption('--ratio <share>', 'share of the channels that goes, 0 <= share < 1', parseRatio)
    .option(
      '--out <file>',
      'where the smaller network goes (default: beside the checkpoint, NAME-pruned-RATIO.safetensors); never the checkpoint itself',
    )
    .addOption(
      new Option('--criterion <name>', 'l1: norm of the filters; slimming: scale of the batch norm')
        .choices(['l1', 'slimming', 'random'])
        .default('l1'),
    )
    .addOption(
      new Option('--scope <name>', 'that share of each layer, or of all channels in one ranking')
        .choices(['layer', 'global'])
        .default('layer'),
    )
    .option('--round-to <n>', 'keep multiples of n channels', parsePositive('--round-to'), 1)
    .option('--protect <names...>', "channels that stay: layer1 (a stage's residual stream), layer1.0.conv1, fpn, 'layer1*'")
    .option('--seed <n>', 'of the criterion random', parseWhole('--seed'), 1)
    .option('--size <HxW>', 'image size for which MACs are counted', parseSize, [480, 800] as [number, number])
    .option('--force', 'overwrite --out')
    .addOption(json())
    .addHelpText(
      'after',
      examples(
        'prune --checkpoint runs/ablation-interp/quick/rbf/sparseWeight=1-seed1/last.safetensors --ratio .5',
        "prune --checkpoint model.safetensors --ratio .7 --scope global --round-to 4 --protect fpn 'layer1*' --out small.safetensors --json",
      ),
    )
    .action(async (options) => {
      const { pruneCommand } = await import('./prune.ts');
      onExit(pruneCommand(options, { io }));
    });

  program
    .command('export')
    .description('Write backbone and pyramid of a checkpoint as ONNX: dense, dense times masks, or computing at sampled positions only.')
    .requiredOption(CHECKPOINT, 'a checkpoint of Stint, or a PyTorch ResNet as safetensors')
    .requiredOption('--onnx <file>', 'the file to write')
    .option('--graph <kind>', 'dense (default), masked, sampled')
    .option('--mask-source <kind>', 'inputs (default): masks are inputs of the graph; deterministic: computed inside')
    .option('--outputs <names>', 'features, pyramid, logits, masks, separated by commas (default: pyramid, else features)')
    .option('--size <HxW>', 'fixed image size in pixels (default: any size)', parseSize)
    .option('--opset <n>', 'version of the operator set, from 17 (default: 17)', parsePositive('--opset'))
    .option('--check', 'run it in onnxruntime beside our runtime with the same masks; exit code 1 beyond 1e-4')
    .option('--check-size <HxW>', 'image size of the check (default: --size, else 96x160); multiples of 32', parseSize)
    .addOption(json())
    .addHelpText(
      'after',
      examples(
        'export --checkpoint last.safetensors --onnx model.onnx --graph sampled --check',
        'export --checkpoint resnet50.safetensors --onnx resnet50.onnx --outputs logits --size 224x224',
      ),
    )
    .action(async (options) => {
      const { exportCommand } = await import('./export.ts');
      onExit(await exportCommand(options, { io }));
    });

  program
    .command('import')
    .description('Turn a PyTorch ResNet (torchvision or timm names, safetensors) into a checkpoint that predict, bench and export take.')
    .argument('<weights>', 'state_dict as safetensors: ResNets of bottlenecks such as ResNet-50, 101, 152')
    .requiredOption('--out <file>', 'the checkpoint to write')
    .option('--sampling <integration>', 'add fresh masks to every block: one-mask, two-masks, three-masks')
    .option('--interpolation <kind>', 'of the masks: rbf (default), average, convolution, zeros, reuse')
    .option('--interval <cells>', 'grid prior of the masks; 0 is off (default: 11)', parseWhole('--interval'))
    .option('--bias <x>', 'where the bias of the masks starts: sigmoid(3) samples 95 % (default: 3)', parseFinite('--bias'))
    .option('--classes <file>', 'names of the classes, one a line, or a JSON list')
    .addOption(json())
    .addHelpText(
      'after',
      examples(
        'import resnet50.safetensors --out resnet50-stint.safetensors',
        'import resnet101.safetensors --out sampled.safetensors --sampling two-masks',
      ),
    )
    .action(async (weights, options) => {
      const { importCommand } = await import('./import.ts');
      onExit(await importCommand(weights, options, { io }));
    });
}
