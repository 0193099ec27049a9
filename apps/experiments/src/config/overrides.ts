// `key.path=value` of the command line. Values are YAML: numbers, true, [1, 2], {kind: zeros}, null.
import { type ConfigNode, nest, type Place } from './node.ts';
import { ConfigError } from './problems.ts';
import { parseYaml } from './yaml-source.ts';

export interface Override {
  path: string[];
  node: ConfigNode;
  place: Place;
}

export function isOverride(argument: string): boolean {
  return /^[^=\s]+=/.test(argument);
}

/** Throws ConfigError when `text` is not `key.path=value` or the value is not YAML. */
export function parseOverride(text: string): Override {
  const place: Place = { override: text };
  const at = text.indexOf('=');
  const path = text.slice(0, Math.max(at, 0)).split('.');
  if (path.some((key) => key === '')) {
    throw new ConfigError([{ place, message: 'must look like key.path=value, for example train.steps=200' }]);
  }
  return { path, node: relocate(parseValue(text.slice(at + 1), place), place), place };
}

function parseValue(text: string, place: Place): ConfigNode {
  try {
    return parseYaml(text, '');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(error.problems.map(({ message }) => ({ place, message: `the value is not YAML: ${message}` })));
  }
}

/** The same tree, every place being the override. */
function relocate(node: ConfigNode, place: Place): ConfigNode {
  if (node.kind === 'scalar') return { ...node, place };
  if (node.kind === 'list') return { ...node, place, items: node.items.map((item) => relocate(item, place)) };
  const entries = [...node.entries].map(([key, entry]) => [key, { key: place, node: relocate(entry.node, place) }] as const);
  return { kind: 'map', place, entries: new Map(entries) };
}

export function overrideTree({ path, node, place }: Override): ConfigNode {
  return nest(path, node, place);
}
