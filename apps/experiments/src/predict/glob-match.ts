// Whether a path is of a pattern. No regular expression: `*a*a*a*a*b` would take one longer than anyone waits.
import { UsageError } from '../config/catalog.ts';
import { shortened } from '../config/shortened.ts';

/** Of nested and repeated braces, which multiply. */
const MOST_ALTERNATIVES = 1000;

/** From the positions in a path where a part may begin, those where the next may. */
type Step = (text: readonly string[], from: ReadonlySet<number>) => Set<number>;

/**
 * Matches paths with `/` between names, relative to where the pattern begins. Brackets and braces that are not closed are characters.
 * @throws UsageError when a range runs backwards ([z-a]), or the braces say too many things
 */
export function patternMatcher(pattern: string): (file: string) => boolean {
  const alternatives = expandBraces(pattern, pattern).map((each) => stepsOf(Array.from(each), pattern));
  return (file) => {
    const text = Array.from(file);
    return alternatives.some((steps) => steps.reduce((from, step) => step(text, from), new Set([0])).has(text.length));
  };
}

/** `a{b,c}` is `ab` and `ac`. */
function expandBraces(text: string, pattern: string): string[] {
  const group = firstGroup(text);
  if (!group) return [text];
  const { start, end, parts } = group;
  const rests = expandBraces(text.slice(end + 1), pattern);
  const inner = parts.flatMap((part) => expandBraces(part, pattern));
  if (inner.length * rests.length > MOST_ALTERNATIVES)
    throw new UsageError(
      `the pattern ${shortened(pattern)}: its braces stand for more than ${MOST_ALTERNATIVES} patterns; give several simpler ones`,
    );
  return inner.flatMap((each) => rests.map((rest) => text.slice(0, start) + each + rest));
}

/** The first `{...}` that is closed, with what stands between its commas. Linear but for braces that are never closed. */
function firstGroup(text: string): { start: number; end: number; parts: string[] } | undefined {
  const open: { start: number; commas: number[] }[] = [];
  let found: { start: number; end: number; parts: string[] } | undefined;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '{') open.push({ start: at, commas: [] });
    else if (text[at] === ',') open.at(-1)?.commas.push(at);
    else if (text[at] === '}') {
      const group = open.pop();
      if (!group || (found && group.start > found.start)) continue;
      const cuts = [group.start, ...group.commas, at];
      found = { start: group.start, end: at, parts: cuts.slice(1).map((cut, i) => text.slice(cuts[i] + 1, cut)) };
      if (open.length === 0) break;
    }
  }
  return found;
}

function stepsOf(chars: readonly string[], pattern: string): Step[] {
  const steps: Step[] = [];
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i];
    const startsName = i === 0 || chars[i - 1] === '/';
    const next = chars[i + 2];
    if (char === '*' && chars[i + 1] === '*' && startsName && (next === '/' || next === undefined)) {
      steps.push(folders);
      if (next === undefined)
        steps.push(
          one((found) => found !== '/', true),
          star(false),
        );
      i += next === undefined ? 1 : 2;
    } else if (char === '*') steps.push(star(startsName));
    else if (char === '?') steps.push(one((found) => found !== '/', startsName));
    else if (char === '[') {
      const negated = chars[i + 1] === '!' || chars[i + 1] === '^';
      const first = i + (negated ? 2 : 1);
      const end = chars.indexOf(']', first + 1);
      if (end < 0) steps.push(one((found) => found === char));
      else {
        const isMember = members(chars.slice(first, end), pattern);
        steps.push(one((found) => found !== '/' && isMember(found) !== negated));
        i = end;
      }
    } else steps.push(one((found) => found === char));
  }
  return steps;
}

function members(chars: readonly string[], pattern: string): (char: string) => boolean {
  const ranges: [number, number][] = [];
  for (let i = 0; i < chars.length; i++) {
    const isRange = chars[i + 1] === '-' && i + 2 < chars.length;
    const [low, high] = [chars[i], chars[isRange ? i + 2 : i]];
    if (low.codePointAt(0)! > high.codePointAt(0)!)
      throw new UsageError(`the pattern ${shortened(pattern)}: the range ${low}-${high} runs backwards; write [${high}-${low}]`);
    ranges.push([low.codePointAt(0)!, high.codePointAt(0)!]);
    if (isRange) i += 2;
  }
  return (char) => ranges.some(([low, high]) => char.codePointAt(0)! >= low && char.codePointAt(0)! <= high);
}

/** One character; `visible`: at the start of a name, where no dot is meant. */
const one =
  (fits: (char: string) => boolean, visible = false): Step =>
  (text, from) =>
    new Set([...from].filter((at) => at < text.length && fits(text[at]) && !(visible && text[at] === '.')).map((at) => at + 1));

/** Any characters of a name, none too. */
const star =
  (visible: boolean): Step =>
  (text, from) => {
    const to = new Set<number>();
    for (const start of from) {
      if (visible && text[start] === '.') continue;
      for (let at = start; !to.has(at); at++) {
        to.add(at);
        if (at >= text.length || text[at] === '/') break;
      }
    }
    return to;
  };

/** Any folders, none too, hidden ones apart. */
const folders: Step = (text, from) => {
  const to = new Set(from);
  for (const start of to) {
    // A set that grows while it is gone through: what is added is visited too.
    const slash = text.indexOf('/', start);
    if (slash > start && text[start] !== '.') to.add(slash + 1);
  }
  return to;
};
