// Parameter groups: a learning rate and weight decay of its own for parameters chosen by name.

export interface ParameterGroup {
  /** Chooses parameters by name; of several groups that match, the first wins. */
  match: RegExp | ((name: string) => boolean);
  /** Multiplies the learning rate. Default 1. */
  lrScale?: number;
  /** Replaces the optimizer's weight decay. */
  weightDecay?: number;
}

export interface GroupSettings {
  lrScale: number;
  weightDecay: number;
}

/** The settings of parameter `name`: of the first group that matches, else scale 1 and the default weight decay. */
export function groupSettings(name: string, groups: readonly ParameterGroup[], weightDecay: number): GroupSettings {
  // search() ignores the state (lastIndex) that a RegExp with the flag g carries from one test() to the next.
  const group = groups.find(({ match }) => (match instanceof RegExp ? name.search(match) >= 0 : match(name)));
  return { lrScale: group?.lrScale ?? 1, weightDecay: group?.weightDecay ?? weightDecay };
}
