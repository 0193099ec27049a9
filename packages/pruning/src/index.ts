// @stint/pruning: structured channel pruning. All but the penalty is in @stint/pruning/plain, too, which needs no tensor library.
export * from './plain.ts';
export { slimmingPenalty } from './slimming.ts';
