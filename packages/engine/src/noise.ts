// libtensorflow prints two lines while it is being loaded, before any setting of its log level can be heard. A process cannot hush itself
// without losing real errors too; the parent that collects a process's stderr can leave these lines out.
const NOISE = [
  /^WARNING: All log messages before absl::InitializeLog\(\)/,
  /^I\d{4} .*port\.cc:\d+\] oneDNN custom operations are on/,
  /^I\d{4} .*cpu_feature_guard\.cc:\d+\] This TensorFlow binary is optimized/,
  /^To enable the following instructions: .*rebuild TensorFlow/,
];

/** Whether a line of stderr is one of those that libtensorflow prints at every start. */
export function isStartupNoise(line: string): boolean {
  return NOISE.some((pattern) => pattern.test(line));
}
