// Test helper: the smallest latency experiment; lines are numbered in the tests, so append only.
export const TINY_LATENCY = `kind: latency
title: Tiny speed
networks:
  tiny: { backbone: { stem: { kind: imagenet, width: 8 }, layers: [1, 1], planes: [8, 8] }, fpn: 8 }
sizes: [64x96]
densities: [1, 0.75, 0.5, 0.25]
threads: [1]
rounds: 2
masks: { white: [0.5] }
claims:
  - { faster: sampled, than: dense, network: tiny, density: 0.25, atLeast: 0.01 }
`;
