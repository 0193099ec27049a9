// Several lists of names as one, such as the masks of arms whose blocks have one, two or three.

/**
 * Every name once, in an order that agrees with every list: names of which no list says which comes first stand by first appearance. Where
 * lists contradict each other, the first appearance decides too.
 */
export function mergedOrder(lists: readonly (readonly string[])[]): string[] {
  const left = new Set(lists.flat());
  const merged: string[] = [];
  while (left.size > 0) {
    const heads = lists.map((list) => list.find((name) => left.has(name)));
    const isNext = (name: string) => lists.every((list, i) => heads[i] === name || !list.includes(name));
    const next = [...left].find(isNext) ?? [...left][0];
    merged.push(next);
    left.delete(next);
  }
  return merged;
}
