// Reads an experiment file with its `_base_` files merged below it. Bases are relative to the file that names them and
// stay inside the experiments folder.
import path from 'node:path';
import { UsageError } from './catalog.ts';
import { readConfigText } from './config-file.ts';
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
  return read(file, { ...options, files: { count: 0 } }, []);
}

/** Bases of bases, one below the other, and in all: links and lists of bases can make endless many of a few files. */
const MOST_BELOW = 32;
const MOST_FILES = 1000;

function read(file: string, options: FileOptions & { files: { count: number } }, chain: readonly string[], namedAt?: Place): MapNode {
  const name = (target: string) => path.relative(options.root, target);
  const place = namedAt ?? { file: name(file), line: 1, column: 1 };
  if (chain.includes(file)) {
    throw new ConfigError([{ place, message: `_base_ goes in a circle: ${[...chain, file].map(name).join(' -> ')}` }]);
  }
  if (chain.length > MOST_BELOW || ++options.files.count > MOST_FILES) {
    throw new ConfigError([{ place, message: `more than ${MOST_BELOW} bases below one another, or ${MOST_FILES} in all` }]);
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
    return readConfigText(file);
  } catch (error) {
    const { message } = error as Error;
    if (formatPlace(place).startsWith(`${name}:`)) throw new UsageError(`cannot read ${name}: ${message}`);
    throw new ConfigError([
      { place, message: `_base_ file ${name} ${message === 'ENOENT' ? 'does not exist' : `cannot be read: ${message}`}` },
    ]);
  }
}
