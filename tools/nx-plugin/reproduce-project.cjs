// Nx project of an experiment of which results are committed (experiments/expected/<name>/<profile>.json): its target `reproduce` runs a profile
// again and compares. A project of its own, so that `nx affected -t reproduce` picks exactly the experiments that a change reaches: those
// whose YAML, bases or expectations changed, or whose code did. It must not depend on the app as a project: that is touched by every YAML.
const fs = require('node:fs');
const path = require('node:path');
const { filesOf } = require('./experiment-targets.cjs');
const { BIND } = require('./package-project.cjs');

const APP = 'apps/experiments';
/** The YAML profile that is held to when no configuration is named. */
const PREFERRED = ['quick', 'smoke'];

function reproduceProject(file, workspaceRoot) {
  const root = path.dirname(file);
  const name = path.basename(root);
  const yaml = `experiments/${name}.yaml`;
  if (!fs.existsSync(path.join(workspaceRoot, yaml))) return {};
  const profiles = fs
    .readdirSync(path.join(workspaceRoot, root))
    .filter((each) => each.endsWith('.json'))
    .map((each) => each.slice(0, -'.json'.length))
    .sort();
  const main = PREFERRED.find((profile) => profiles.includes(profile)) ?? profiles[0];
  const notInARun = JSON.parse(fs.readFileSync(path.join(workspaceRoot, APP, 'src/config/not-in-a-run.json'), 'utf8'));
  const reproduce = {
    executor: './tools/nx-plugin:stint',
    options: { command: 'reproduce', experiment: name, profile: main },
    configurations: Object.fromEntries(profiles.map((profile) => [profile, { profile }])),
    dependsOn: [BIND],
    cache: true,
    inputs: [
      'default',
      '^production',
      ...filesOf(path.join(workspaceRoot, yaml), workspaceRoot).map((each) => `{workspaceRoot}/${path.relative(workspaceRoot, each)}`),
      ...appFolders(workspaceRoot, notInARun).map((folder) => `{workspaceRoot}/${folder}/**/*`),
      `!{workspaceRoot}/${APP}/src/**/*.test.ts`,
      ...(profiles.some((profile) => profile === 'bccd') ? ['{workspaceRoot}/data/bccd/**/*'] : []),
      '{workspaceRoot}/experiments/pretrained/**/*',
      '{workspaceRoot}/tools/engine/**/*',
      { env: 'STINT_DEVICE' },
    ],
    outputs: [],
    metadata: { description: `Runs ${name} again and compares it with what is expected` },
  };
  return {
    [root]: {
      // Not the bare name: a library is called pruning, too, and `nx test pruning` means that.
      name: `experiment-${name}`,
      projectType: 'application',
      tags: [`name:experiment-${name}`, 'experiment'],
      implicitDependencies: libraries(workspaceRoot, notInARun),
      targets: { reproduce },
    },
  };
}

/** Folders of the app's sources that make a result. */
function appFolders(workspaceRoot, notInARun) {
  const source = path.join(workspaceRoot, APP, 'src');
  return fs
    .readdirSync(source, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${APP}/src/${name}`)
    .filter((folder) => !notInARun.includes(folder))
    .sort();
}

/** Libraries of the app that make a result; what they use in turn follows from the graph. */
function libraries(workspaceRoot, notInARun) {
  const { dependencies } = JSON.parse(fs.readFileSync(path.join(workspaceRoot, APP, 'package.json'), 'utf8'));
  return Object.keys(dependencies)
    .filter((name) => name.startsWith('@stint/'))
    .filter((name) => !notInARun.includes(`packages/${name.slice('@stint/'.length)}`));
}

module.exports = { reproduceProject };
