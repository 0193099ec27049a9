// Targets of one experiments/<name>.yaml: `<name>` runs it, `pretrain-<name>` trains the networks that its runs share. The profiles
// of the YAML (and of its bases) are the targets' configurations. What the YAML says beyond that is the app's to judge.
const fs = require('node:fs');
const { createRequire } = require('node:module');
const path = require('node:path');
const { BIND, NATIVE } = require('./package-project.cjs');

function experimentTargets(file, workspaceRoot) {
  const name = path.basename(file, '.yaml');
  const profiles = profilesOf(path.join(workspaceRoot, file), workspaceRoot);
  if (kindOf(path.join(workspaceRoot, file), workspaceRoot) === 'latency') return latencyTarget(name, profiles);
  const shared = {
    executor: './tools/nx-plugin:stint',
    configurations: Object.fromEntries(profiles.map((profile) => [profile, { profile }])),
    defaultConfiguration: profiles.includes('quick') ? 'quick' : profiles[0],
    cache: true,
    inputs: [
      'production',
      '^production',
      `{workspaceRoot}/experiments/${name}.yaml`,
      '{workspaceRoot}/experiments/bases/**/*',
      '{workspaceRoot}/data/**/*',
      '{workspaceRoot}/tools/engine/**/*',
      { env: 'STINT_DEVICE' },
    ],
  };
  const pretrain = `pretrain-${name}`;
  return {
    [name]: {
      ...shared,
      options: { command: 'run', experiment: name },
      dependsOn: [BIND, { target: pretrain, params: 'forward' }],
      outputs: [`{workspaceRoot}/runs/${name}/{options.profile}`],
      metadata: { description: `Runs the experiment ${name}: all arms, then the report` },
    },
    [pretrain]: {
      ...shared,
      options: { command: 'pretrain', experiment: name },
      dependsOn: [BIND],
      // .cache/pretrained is the app's own cache, by content: restoring an old state of it would lose newer networks.
      outputs: [],
      metadata: { description: `Trains the networks that the runs of ${name} start from` },
    },
  };
}

/** A measurement of this machine: never taken from Nx's cache, and nothing is trained. */
function latencyTarget(name, profiles) {
  return {
    [name]: {
      executor: './tools/nx-plugin:stint',
      options: { command: 'run', experiment: name },
      configurations: Object.fromEntries(profiles.map((profile) => [profile, { profile }])),
      defaultConfiguration: profiles.includes('quick') ? 'quick' : profiles[0],
      dependsOn: [NATIVE],
      cache: false,
      outputs: [`{workspaceRoot}/runs/${name}/{options.profile}`],
      metadata: { description: `Measures ${name} on this machine, then the report` },
    },
  };
}

function kindOf(file, workspaceRoot) {
  return parse(file, workspaceRoot)?.kind;
}

/** The YAML's tree; undefined when it does not parse. */
function parse(file, workspaceRoot) {
  try {
    return createRequire(path.join(workspaceRoot, 'apps/experiments/package.json'))('yaml').parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Names of the profiles, those of the bases first. A file that does not parse has none: running the target tells why. */
function profilesOf(file, workspaceRoot, chain = []) {
  if (chain.includes(file)) return [];
  const tree = parse(file, workspaceRoot);
  const bases = [tree?._base_ ?? []].flat().map((base) => path.resolve(path.dirname(file), String(base)));
  const inherited = bases.flatMap((base) => profilesOf(base, workspaceRoot, [...chain, file]));
  return [...new Set([...inherited, ...Object.keys(tree?.profiles ?? {})])];
}

/** The YAML and the bases that it is made of, relative to the workspace. */
function filesOf(file, workspaceRoot, seen = []) {
  if (seen.includes(file)) return seen;
  const bases = [parse(file, workspaceRoot)?._base_ ?? []].flat().map((base) => path.resolve(path.dirname(file), String(base)));
  return bases.reduce((files, base) => filesOf(base, workspaceRoot, files), [...seen, file]);
}

module.exports = { experimentTargets, profilesOf, filesOf };
