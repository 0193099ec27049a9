// Identity of configurations: equal hash, equal result (on one machine with one engine).
import { createHash } from 'node:crypto';
import type { RunConfig } from './schema.ts';

/** 16 hex digits of the SHA-256 of the value's JSON with sorted keys. */
export function contentHash(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

export function configHash(config: RunConfig): string {
  return contentHash(config);
}

/**
 * Key of what a run trains: runs that differ only in how they are evaluated (sampler, shift, image size, validation data) have one, and share
 * one training.
 */
export function trainingKey({ data, evaluate: _, prune, ...config }: RunConfig): string {
  // Nothing pruned is nothing done.
  return contentHash({ ...config, ...(prune?.ratio && { prune }), data: trainingData(data) });
}

function trainingData(data: RunConfig['data']): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).filter(([key]) => !key.startsWith('val')));
}

/**
 * Key of the pretrained network that a run starts from; null when it has none. Runs that differ only in sampling, seed,
 * fine-tuning or evaluation share one. `.cache/pretrained/<key>` holds it.
 */
export function pretrainKey({ data, model, pretrain, engine }: RunConfig): string | null {
  if (pretrain === null) return null;
  const { sampling: _, ...network } = model;
  return contentHash({ data: trainingData(data), network, pretrain, engine });
}
