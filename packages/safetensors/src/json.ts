// What JSON.parse does not say about a header, found before it builds anything: a key that stands twice in one object (it keeps the
// last), and text that is small and becomes large (nesting, endless lists, millions of keys).

/** A header is an object of objects of lists. */
const MAX_DEPTH = 3;
/** Axes of a tensor. */
const MAX_LIST = 1024;
/** Three or four a tensor: far more tensors than any file has, and far less memory than the header's limit in bytes would allow. */
const MAX_KEYS = 1_000_000;

const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = '\\'.charCodeAt(0);

/** What is wrong with `text`, or undefined; what is no JSON at all is left to JSON.parse. Linear, no recursion. */
export function findHeaderProblem(text: string): string | undefined {
  // An open object has a set of the keys seen, an open list the number of its commas.
  const open: (Set<string> | number)[] = [];
  // Whether the next string is a key: after "{", and after "," in an object.
  let keyNext = false;
  let keys = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '{':
      case '[':
        if (open.length === MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH} levels, at character ${at}`;
        keyNext = text[at] === '{';
        open.push(keyNext ? new Set() : 0);
        break;
      case '}':
      case ']':
        open.pop();
        keyNext = false;
        break;
      case ',': {
        const inside = open.at(-1);
        keyNext = inside instanceof Set;
        if (typeof inside !== 'number') break;
        if (inside + 2 > MAX_LIST) return `has a list of more than ${MAX_LIST} values, at character ${at}`;
        open[open.length - 1] = inside + 1;
        break;
      }
      case '"': {
        const end = endOfString(text, at);
        const inside = open.at(-1);
        if (keyNext && inside instanceof Set) {
          const key = decoded(text.slice(at, end));
          if (inside.has(key)) return `the name ${JSON.stringify(key)} stands twice in one object`;
          if (++keys > MAX_KEYS) return `has more than ${MAX_KEYS} keys, at character ${at}`;
          inside.add(key);
          keyNext = false;
        }
        at = end - 1;
      }
    }
  }
  return undefined;
}

/** The index after the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at + 1;
}

/** The string that a JSON string means; one that is no JSON stands for itself. */
function decoded(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted);
  } catch {
    return quoted;
  }
}
