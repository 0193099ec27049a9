// Nx project of the workspace's tools. Its root is this folder and not tools/: packages' tests import tools/jest, and that is no
// arrow of the architecture.

function toolsProject() {
  return {
    name: 'tools',
    projectType: 'library',
    tags: ['name:tools'],
    targets: {
      test: {
        executor: 'nx:run-commands',
        options: { command: 'jest -c tools/jest.config.cjs --runInBand', cwd: '.' },
        cache: true,
        inputs: [
          '{workspaceRoot}/tools/**/*',
          '{workspaceRoot}/eslint.config.mjs',
          '{workspaceRoot}/nx.json',
          '{workspaceRoot}/packages/*/package.json',
          '{workspaceRoot}/packages/*/src/**/*',
          '{workspaceRoot}/apps/*/src/**/*',
          '{workspaceRoot}/experiments/**/*',
          '{workspaceRoot}/**/*.md',
          '{workspaceRoot}/docs/**/*',
        ],
        outputs: [],
        metadata: { description: 'Tests the Nx plugin, the boundary rules, the engine tools and the links of all texts' },
      },
    },
  };
}

module.exports = { toolsProject };
