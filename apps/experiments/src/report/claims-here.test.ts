import { TINY, workspaceWith } from '../config/fixture.ts';
import { resolveExperiment } from '../config/resolve.ts';
import { claimsHere } from './claims-here.ts';

const claims = `claims:
  - { better: rbf, than: zeros, in: AP, at: equal-macs }
  - { equal: [zeros, rbf], in: AP, at: equal-macs, within: 1 }
  - { lower: rbf, than: rbf-wide, in: AP, at: equal-macs }
`;

test('claims on arms that a profile leaves out are not judged', () => {
  const workspace = workspaceWith({ 'tiny.yaml': `${TINY}  rbf-wide:\n${claims}profiles: { default: {}, two: { arms: [rbf, zeros] } }\n` });
  const judged = (options: Parameters<typeof resolveExperiment>[2]) =>
    claimsHere(resolveExperiment('tiny', workspace, options)).map((claim) => Object.keys(claim)[0]);
  expect(judged({ profile: 'default' })).toEqual(['better', 'equal', 'lower']);
  expect(judged({ profile: 'two' })).toEqual(['better', 'equal']);
  expect(judged({ profile: 'default', arms: ['rbf', 'rbf-wide'] })).toEqual(['lower']);
});
