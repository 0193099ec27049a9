// One rule only (style and correctness are biome's and tsc's): the arrows of docs/architecture.md, and nothing else.
import nx from '@nx/eslint-plugin';
import parser from '@typescript-eslint/parser';

/** What each project may import; its tag is `name:<folder>` (tools/nx-plugin). */
export const arrows = {
  'core-sampling': [],
  interpolation: [],
  'sparse-conv': ['core-sampling', 'interpolation'],
  backbones: ['sparse-conv', 'core-sampling', 'interpolation'],
  'detection-head': ['backbones', 'core-sampling', 'interpolation', 'sparse-conv'],
  metrics: [],
  datasets: [],
  engine: [],
  safetensors: [],
  training: ['safetensors'],
  report: [],
  'classification-head': ['backbones', 'core-sampling', 'interpolation', 'sparse-conv'],
  'segmentation-head': ['backbones', 'core-sampling', 'interpolation', 'sparse-conv'],
  onnx: ['backbones'],
  pruning: ['backbones'],
  runtime: ['backbones', 'core-sampling', 'detection-head', 'safetensors', 'segmentation-head', 'sparse-conv'],
  experiments: [
    'core-sampling',
    'interpolation',
    'sparse-conv',
    'backbones',
    'detection-head',
    'metrics',
    'datasets',
    'engine',
    'safetensors',
    'training',
    'report',
    'runtime',
    'onnx',
    'pruning',
    'classification-head',
    'segmentation-head',
  ],
  tools: [],
};

const tag = (name) => `name:${name}`;

export default [
  { ignores: ['**/dist/**', '**/node_modules/**', 'runs/**', 'data/**', '.cache/**', '.nx/**', '**/coverage/**'] },
  {
    files: ['packages/**/*.ts', 'apps/**/*.ts'],
    languageOptions: { parser },
    linterOptions: { reportUnusedDisableDirectives: 'off' },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          // Regular expressions: the test helpers belong to no project; `#x` is a package's own subpath import.
          allow: ['/tools/jest/[a-z-]+\\.(ts|cjs)$', '^#'],
          depConstraints: Object.entries(arrows).map(([name, targets]) => ({
            sourceTag: tag(name),
            onlyDependOnLibsWithTags: targets.map(tag),
          })),
        },
      ],
    },
  },
];
