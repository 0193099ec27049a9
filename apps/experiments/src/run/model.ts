// The detector of a run with its parameters: variables that train, buffers that do not.
import { toVariables, type Variables } from '@stint/training';
import type { RunConfig } from '../config/schema.ts';
import { createDetector, type Detector } from './detector.ts';

export interface Model {
  detector: Detector;
  variables: Variables;
  /** Running statistics of the batch norms. */
  buffers: Variables;
  /** Both, as the detector's parameter map. */
  params: Variables;
  /** Number of trained values. */
  size: number;
  dispose(): void;
}

/** Builds the detector of a configuration with fresh parameters, a pure function of `seed`. */
export function createModel(model: RunConfig['model'], classes: number, seed: number): Model {
  const detector = createDetector(model, classes);
  const initial = detector.initialise(seed);
  const pick = (trainable: boolean) =>
    Object.fromEntries(detector.parameters.filter((spec) => spec.trainable === trainable).map(({ name }) => [name, initial[name]]));
  const variables = toVariables(pick(true));
  const buffers = toVariables(pick(false), { trainable: false });
  const params = { ...variables, ...buffers };
  return {
    detector,
    variables,
    buffers,
    params,
    size: Object.values(variables).reduce((sum, { size }) => sum + size, 0),
    dispose: () => {
      for (const variable of Object.values(params)) variable.dispose();
    },
  };
}

/** Parameters that only sampling brings: a dense pretrained checkpoint does not have them. */
export const isSamplingParameter = (name: string): boolean => /_(mask\.(weight|bias)|sigma|filter)$/.test(name);
