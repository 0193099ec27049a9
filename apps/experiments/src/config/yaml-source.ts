// YAML text -> a tree with positions (library: yaml).
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { ConfigNode, Place } from './node.ts';
import { ConfigError, type Problem } from './problems.ts';

/** Parses one YAML document. Throws ConfigError with every syntax error, at its line and column. */
export function parseYaml(text: string, file: string): ConfigNode {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: false });
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const problems: Problem[] = document.errors.map((error) => ({ place: at(error.pos[0]), message: error.message.split('\n')[0] }));
  if (problems.length > 0) throw new ConfigError(problems);

  const convert = (node: Node | null | undefined, fallback: Place): ConfigNode => {
    const place = node?.range ? at(node.range[0]) : fallback;
    if (isAlias(node)) {
      const target = node.resolve(document);
      return target ? convert(target as Node, place) : { kind: 'scalar', place, value: null };
    }
    if (isMap(node)) {
      const entries = new Map<string, { key: Place; node: ConfigNode }>();
      for (const pair of node.items) {
        const keyNode = pair.key as Node | null;
        const key = keyNode?.range ? at(keyNode.range[0]) : place;
        entries.set(String(isScalar(keyNode) ? keyNode.value : keyNode), { key, node: convert(pair.value as Node | null, key) });
      }
      return { kind: 'map', place, entries };
    }
    if (isSeq(node)) return { kind: 'list', place, items: node.items.map((item) => convert(item as Node, place)) };
    return { kind: 'scalar', place, value: (isScalar(node) ? node.value : null) as string | number | boolean | null };
  };
  return convert(document.contents as Node | null, { file, line: 1, column: 1 });
}
