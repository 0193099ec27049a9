// What may stand at a path, in words: read from the JSON Schema that zod gives of a schema, so that messages never go stale.
import { z } from 'zod';

/** The part of JSON Schema that zod writes for our schemas. */
export interface Allowed {
  type?: string;
  properties?: Record<string, Allowed>;
  additionalProperties?: Allowed | boolean;
  items?: Allowed;
  prefixItems?: Allowed[];
  anyOf?: Allowed[];
  oneOf?: Allowed[];
  enum?: unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  multipleOf?: number;
  minItems?: number;
}

const made = new WeakMap<z.ZodType, Allowed>();

export function allowedBy(schema: z.ZodType): Allowed {
  const allowed = made.get(schema) ?? (z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Allowed);
  made.set(schema, allowed);
  return allowed;
}

/** What may stand at `path`; of alternatives on the way, the one that `input` means. */
export function allowedAt(allowed: Allowed | undefined, path: readonly PropertyKey[], input: unknown): Allowed | undefined {
  if (!allowed || path.length === 0) return allowed;
  const [key, ...rest] = path;
  const inner = (input as Record<PropertyKey, unknown> | null | undefined)?.[key];
  const kinds = alternatives(allowed).flatMap((one) => one.properties?.[String(key)]?.const ?? []);
  if (kinds.length > 1) return { enum: kinds };
  const meant = meantBy(allowed, input);
  const next =
    meant?.properties?.[String(key)] ??
    (typeof meant?.additionalProperties === 'object' ? meant.additionalProperties : undefined) ??
    meant?.prefixItems?.[Number(key)] ??
    meant?.items;
  return allowedAt(next, rest, inner);
}

/** Keys that a mapping may have, after choosing among alternatives. */
export function keysOf(allowed: Allowed | undefined, input: unknown): string[] {
  return Object.keys((allowed && meantBy(allowed, input))?.properties ?? {});
}

/** "a whole number from 1 to 512", "one of rbf, zeros", "a mapping"; empty when anything goes. */
export function describe(allowed: Allowed | undefined): string {
  if (!allowed) return '';
  const options = alternatives(allowed);
  if (options.length > 0) return [...new Set(options.map(describe))].filter(Boolean).join(' or ');
  if (allowed.const !== undefined) return JSON.stringify(allowed.const);
  if (allowed.enum) return `one of ${allowed.enum.join(', ')}`;
  switch (allowed.type) {
    case 'integer':
    case 'number':
      return describeNumber(allowed);
    case 'string':
      return 'a text';
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'null';
    case 'object':
      return 'a mapping';
    case 'array':
      return describeList(allowed);
    default:
      return '';
  }
}

function describeNumber({ type, minimum, maximum, exclusiveMinimum, multipleOf }: Allowed): string {
  const what = multipleOf === undefined ? (type === 'integer' ? 'a whole number' : 'a number') : `a multiple of ${multipleOf}`;
  // Bounds of 1e9 and more only keep nonsense out.
  const low = minimum !== undefined && minimum > -1e9 ? minimum : undefined;
  const high = maximum !== undefined && maximum < 1e9 ? maximum : undefined;
  if (exclusiveMinimum !== undefined) return `${what} above ${exclusiveMinimum}`;
  if (low !== undefined && high !== undefined) return `${what} from ${low} to ${high}`;
  if (low !== undefined) return `${what}, at least ${low}`;
  return high !== undefined ? `${what}, at most ${high}` : what;
}

function describeList({ prefixItems, items, minItems }: Allowed): string {
  if (prefixItems) return `a list of ${prefixItems.length}: [${prefixItems.map(describe).join('; ')}]`;
  const inner = describe(items);
  return `a list${minItems ? ' with at least one entry' : ''}${inner && `, each ${inner}`}`;
}

function alternatives(allowed: Allowed): Allowed[] {
  return allowed.oneOf ?? allowed.anyOf ?? [];
}

/** The alternative that shares most keys (and above all the `kind`) with the input. */
function meantBy(allowed: Allowed, input: unknown): Allowed | undefined {
  const options = alternatives(allowed);
  if (options.length === 0) return allowed;
  const value = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
  const score = ({ properties = {} }: Allowed) =>
    Object.entries(properties).reduce((sum, [key, { const: tag }]) => {
      if (tag !== undefined) return sum + (value[key] === tag ? 1000 : -1000);
      return sum + (key in value ? 1 : 0);
    }, 0);
  return options.reduce((best, option) => (score(option) > score(best) ? option : best));
}
