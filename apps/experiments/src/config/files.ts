// Reads an experiment file with its `_base_` files merged below it. Bases are relative to the file that names them and
// stay inside the experiments folder.
import fs from 'node:fs';
import path from 'node:path';
import { type ConfigNode, child, formatPlace, type MapNode, merge, type Place, withoutKeys } from './node.ts';
import { ConfigError } from './problems.ts';
import { parseYaml } from './yaml-source.ts';

export interface FileOptions {
  /** Folder of the experiments; bases outside it are refused. */
  folder: string;
  /** Folder that paths in messages are relative to. */
  root: string;
}

/** The merged tree of `file` (absolute). Throws ConfigError: unreadable, not YAML, a base that is missing, outside or in a cycle. */
export function readExperimentFile(file: string, options: FileOptions): MapNode {
  return read(file, options, []);
}

function read(file: string, options: FileOptions, chain: readonly string[], namedAt?: Place): MapNode {
  const name = (target: string) => path.relative(options.root, target);
  const place = namedAt ?? { file: name(file), line: 1, column: 1 };
  if (chain.includes(file)) {
    throw new ConfigError([{ place, message: `_base_ goes in a circle: ${[...chain, file].map(name).join(' -> ')}` }]);
  }
  const tree = parseYaml(readText(file, place, name(file)), name(file));
  if (tree.kind !== 'map') throw new ConfigError([{ place: tree.place, message: 'the file must hold a mapping of keys' }]);
  const own = withoutKeys(tree, ['_base_']);
  return basesOf(tree).reduceRight<ConfigNode>((over, { target, place: at }) => {
    const base = path.resolve(path.dirname(file), target);
    if (path.relative(options.folder, base).startsWith('..')) {
      throw new ConfigError([{ place: at, message: `_base_ ${target} is outside ${name(options.folder)}: bases live inside that folder` }]);
    }
    return merge(read(base, options, [...chain, file], at), over);
  }, own) as MapNode;
}

/** `_base_` is one path or a list; later ones win. */
function basesOf(tree: MapNode): { target: string; place: Place }[] {
  const node = child(tree, '_base_');
  if (!node) return [];
  return (node.kind === 'list' ? node.items : [node]).map((item) => {
    if (item.kind === 'scalar' && typeof item.value === 'string') return { target: item.value, place: item.place };
    throw new ConfigError([{ place: item.place, message: '_base_ must be a path, or a list of paths, relative to this file' }]);
  });
}

function readText(file: string, place: Place, name: string): string {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (formatPlace(place).startsWith(`${name}:`)) throw new Error(`cannot read ${name}: ${code}`);
    throw new ConfigError([{ place, message: `_base_ file ${name} ${code === 'ENOENT' ? 'does not exist' : `cannot be read: ${code}`}` }]);
  }
}
