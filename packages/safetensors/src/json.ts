// JSON.parse keeps the last of two equal keys and tells nobody; this finds the first key that stands twice in one object.

const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = '\\'.charCodeAt(0);

/** `text` must be valid JSON (checked by JSON.parse before). Returns the decoded key, or undefined. Linear, no recursion. */
export function findDuplicateKey(text: string): string | undefined {
  // An open object has a set of the keys seen; an open array has null.
  const open: (Set<string> | null)[] = [];
  // Whether the next string is a key: after "{", and after "," in an object.
  let keyNext = false;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '{':
        open.push(new Set());
        keyNext = true;
        break;
      case '[':
        open.push(null);
        keyNext = false;
        break;
      case '}':
      case ']':
        open.pop();
        keyNext = false;
        break;
      case ',':
        keyNext = open.at(-1) !== null;
        break;
      case '"': {
        const end = endOfString(text, at);
        if (keyNext) {
          const keys = open.at(-1) as Set<string>;
          const key = JSON.parse(text.slice(at, end)) as string;
          if (keys.has(key)) return key;
          keys.add(key);
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
  while (text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at + 1;
}
