// Test helper: COCO's own evaluation. A Python with pycocotools, installed once into the user's cache; $PYTHON names the interpreter to begin with.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pythonWith } from '../latency/python.ts';

const VERSION = '2.0.11';

const SCRIPT = `
import contextlib, io, json, sys
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
with contextlib.redirect_stdout(io.StringIO()):
    truth = COCO(sys.argv[1])
    evaluation = COCOeval(truth, truth.loadRes(sys.argv[2]), 'bbox')
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
print(json.dumps([float(value) for value in evaluation.stats]))
`;

/** The twelve numbers of pycocotools for two files. Throws Unavailable where it cannot be installed. */
export function pycocotoolsStats(groundTruth: string, detections: string): number[] {
  const python = pythonWith(
    {
      folder: path.join('test', `pycocotools-${VERSION}`),
      title: `pycocotools ${VERSION}`,
      packages: [`pycocotools==${VERSION}`, 'numpy'],
      isThere: (each) => spawnSync(each, ['-c', 'import pycocotools.cocoeval']).status === 0,
    },
    (line) => process.stderr.write(`${line}\n`),
    process.env,
  );
  const { status, stdout, stderr } = spawnSync(python, ['-c', SCRIPT, groundTruth, detections], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`pycocotools failed: ${stderr}`);
  return JSON.parse(stdout);
}
