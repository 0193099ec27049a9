// A configuration tree whose every key and value knows where it was written, so that after merging bases, profiles, arms
// and overrides an error still points at the line that caused it.

/** A position in a file (1-based), or the command-line override that a value came from. */
export type Place = { file: string; line: number; column: number } | { override: string };

export interface MapNode {
  kind: 'map';
  place: Place;
  entries: Map<string, { key: Place; node: ConfigNode }>;
}
export interface ListNode {
  kind: 'list';
  place: Place;
  items: ConfigNode[];
}
export interface ScalarNode {
  kind: 'scalar';
  place: Place;
  value: string | number | boolean | null;
}
export type ConfigNode = MapNode | ListNode | ScalarNode;

export function formatPlace(place: Place): string {
  return 'override' in place ? `override ${place.override}` : `${place.file}:${place.line}:${place.column}`;
}

/** The plain value of a tree. */
export function plain(node: ConfigNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plain);
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plain(entry.node)]));
}

export function child(node: ConfigNode | undefined, key: string): ConfigNode | undefined {
  return node?.kind === 'map' ? node.entries.get(key)?.node : undefined;
}

/**
 * Lays `over` on `base`: mappings merge key by key, everything else replaces. A mapping that names another `kind` than the
 * base's replaces it whole, because the keys of one kind mean nothing to another.
 */
export function merge(base: ConfigNode | undefined, over: ConfigNode): ConfigNode {
  if (base?.kind !== 'map' || over.kind !== 'map' || changesKind(base, over)) return over;
  const entries = new Map(base.entries);
  for (const [key, { key: place, node }] of over.entries) entries.set(key, { key: place, node: merge(entries.get(key)?.node, node) });
  return { kind: 'map', place: over.place, entries };
}

function changesKind(base: MapNode, over: MapNode): boolean {
  const next = child(over, 'kind');
  const now = child(base, 'kind');
  return next?.kind === 'scalar' && now?.kind === 'scalar' && next.value !== now.value;
}

/** A mapping that holds `node` at `path` and nothing else; every key on the way gets `place`. */
export function nest(path: readonly string[], node: ConfigNode, place: Place): ConfigNode {
  return path.reduceRight<ConfigNode>(
    (inner, key) => ({ kind: 'map', place, entries: new Map([[key, { key: place, node: inner }]]) }),
    node,
  );
}

/** `node` with one entry set; a new key stands where its value does. */
export function withEntry(node: MapNode, key: string, value: ConfigNode): MapNode {
  const place = node.entries.get(key)?.key ?? value.place;
  return { ...node, entries: new Map(node.entries).set(key, { key: place, node: value }) };
}

export function withoutKeys(node: MapNode, keys: readonly string[]): MapNode {
  return { ...node, entries: new Map([...node.entries].filter(([key]) => !keys.includes(key))) };
}

/** Where the value at `path` was written; the nearest written ancestor when it was not. `of: 'key'` gives the key's position. */
export function placeAt(root: ConfigNode, path: readonly PropertyKey[], of: 'key' | 'value' = 'value'): Place {
  let place = root.place;
  let node: ConfigNode = root;
  for (const [index, key] of path.entries()) {
    const last = index === path.length - 1;
    if (node.kind === 'map') {
      const entry = node.entries.get(String(key));
      if (!entry) return place;
      // A mapping begins on the line after its key: the key is the better place to point at.
      place = entry.node.kind === 'map' || (last && of === 'key') ? entry.key : entry.node.place;
      node = entry.node;
    } else if (node.kind === 'list' && node.items[Number(key)]) {
      node = node.items[Number(key)];
      place = node.place;
    } else return place;
  }
  return place;
}
