// YAML text -> a tree with positions (library: yaml). What has no one reading, or no end, is a problem at its place.
import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument, type Scalar } from 'yaml';
import type { ConfigNode, MapNode, Place, ScalarNode } from './node.ts';
import { ConfigError, type Problem } from './problems.ts';
import { findDeepNesting } from './yaml-nesting.ts';

const MOST_LEVELS = 64;
/** Values of a tree, those that aliases repeat counted each time. */
const MOST_VALUES = 100_000;

/** Parses one YAML document. Throws ConfigError with every problem, at its line and column. */
export function parseYaml(text: string, file: string): ConfigNode {
  const deep = findDeepNesting(text, MOST_LEVELS);
  if (deep >= 0) {
    const before = text.slice(0, deep).split('\n');
    const place = { file, line: before.length, column: before[before.length - 1].length + 1 };
    throw new ConfigError([{ place, message: `nested deeper than ${MOST_LEVELS} levels` }]);
  }
  const lines = new LineCounter();
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  // Equal keys are found in `convert`: the library compares each with each.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: false, uniqueKeys: false });
  const said = [...document.errors, ...document.warnings];
  if (said.length > 0) throw new ConfigError(said.map(({ pos, message }) => ({ place: at(pos[0]), message: message.split('\n')[0] })));
  return convertDocument(document.contents as Node | null, { file, line: 1, column: 1 }, at);
}

function convertDocument(contents: Node | null, start: Place, at: (offset: number) => Place): ConfigNode {
  const problems: Problem[] = [];
  /** The node of each anchor so far, and the aliases that are being followed. */
  const anchors = new Map<string, Node>();
  const open = new Set<Node>();
  let values = 0;

  const problem = (place: Place, message: string): ScalarNode => {
    problems.push({ place, message });
    return { kind: 'scalar', place, value: null };
  };
  const convert = (node: Node | null | undefined, fallback: Place): ConfigNode => {
    const place = node?.range ? at(node.range[0]) : fallback;
    if (++values > MOST_VALUES) throw new ConfigError([{ place, message: `more than ${MOST_VALUES} values, with what aliases repeat` }]);
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (!target) return problem(place, `unknown alias *${node.source}: its anchor &${node.source} must stand before it`);
      if (open.has(target)) return problem(place, `alias *${node.source} stands inside its own anchor`);
      return follow(target, place);
    }
    const { anchor } = (node ?? {}) as { anchor?: string };
    if (anchor !== undefined) anchors.set(anchor, node as Node);
    return follow(node, place);
  };
  const follow = (node: Node | null | undefined, place: Place): ConfigNode => {
    if (!isMap(node) && !isSeq(node)) return scalar(node, place);
    open.add(node);
    const tree: ConfigNode = isMap(node) ? mapping(node.items, place) : { kind: 'list', place, items: list(node.items, place) };
    open.delete(node);
    return tree;
  };
  const list = (items: readonly unknown[], place: Place) =>
    items.map((item) => (isPair(item) ? problem(place, 'a list of pairs (!!omap, !!pairs) is not read') : convert(item as Node, place)));
  const mapping = (items: readonly { key: unknown; value: unknown }[], place: Place): MapNode => {
    const entries: MapNode['entries'] = new Map();
    for (const pair of items) {
      const keyNode = pair.key as Node | null;
      const key = keyNode?.range ? at(keyNode.range[0]) : place;
      if (keyNode && !isScalar(keyNode)) problem(key, 'a key must be a text');
      const name = String(isScalar(keyNode) ? keyNode.value : keyNode ? '' : null);
      if (name === '<<') problem(key, 'merge keys (<<) are not read: share settings through _base_');
      if (name === '__proto__') problem(key, 'unknown key "__proto__"');
      if (entries.has(name)) problem(key, `the key ${JSON.stringify(name.slice(0, 60))} stands twice in one mapping`);
      entries.set(name, { key, node: convert(pair.value as Node | null, key) });
    }
    return { kind: 'map', place, entries };
  };
  const scalar = (node: unknown, place: Place): ScalarNode => {
    const { value = null, source } = isScalar(node) ? (node as Scalar) : {};
    if (typeof value === 'number' && /^[-+]?\d+$/.test(source ?? '') && !Number.isSafeInteger(value))
      return problem(place, `${String(source).slice(0, 60)} has more digits than a number holds`);
    if (value === null || ['string', 'number', 'boolean'].includes(typeof value))
      return { kind: 'scalar', place, value: value as ScalarNode['value'] };
    return problem(place, 'a value must be a text, a number, true, false or null: leave its tag (!!) out');
  };
  const tree = convert(contents, start);
  if (problems.length > 0) throw new ConfigError(problems);
  return tree;
}
