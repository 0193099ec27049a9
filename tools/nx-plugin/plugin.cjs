// The Nx plugin of this workspace (nx.json): gives each package its build, test and check-package targets, and makes a target of
// each experiments/*.yaml whose configurations are the profiles in it, and a project of each experiment of which results are expected.
const fs = require('node:fs');
const path = require('node:path');
const { packageProject } = require('./package-project.cjs');
const { experimentTargets } = require('./experiment-targets.cjs');
const { reproduceProject } = require('./reproduce-project.cjs');
const { toolsProject } = require('./tools-project.cjs');

const APP = 'apps/experiments';

/** @type {import('@nx/devkit').CreateNodesV2} */
const createNodesV2 = [
  '{packages/*/package.json,apps/*/package.json,experiments/*.yaml,experiments/expected/*/*.json,tools/jest.config.cjs}',
  (files, _options, { workspaceRoot }) => files.map((file) => [file, { projects: projectsOf(file, workspaceRoot) }]),
];

function projectsOf(file, workspaceRoot) {
  if (file.startsWith('experiments/expected/')) return reproduceProject(file, workspaceRoot);
  if (file.endsWith('.yaml')) return { [APP]: { targets: experimentTargets(file, workspaceRoot) } };
  if (path.dirname(file) === 'tools') return { 'tools/nx-plugin': toolsProject() };
  const root = path.dirname(file);
  const read = (name) => fs.readFileSync(path.join(workspaceRoot, root, name), 'utf8');
  const jestConfig = fs.existsSync(path.join(workspaceRoot, root, 'jest.config.cjs')) ? read('jest.config.cjs') : undefined;
  return { [root]: packageProject(root, { manifest: JSON.parse(read('package.json')), jestConfig }) };
}

module.exports = { name: 'stint', createNodesV2 };
