// The two mask heads of a block, both 3x3 convolutions of its input to one channel, as one pass over the input.
#pragma once

#include "engine.h"
#include "filter.h"

namespace stint {

struct MaskHeads {
  const Filter* taps;  // kernel 1, 18 outputs: the 9 taps of head 1, then those of head 2
  const float* input;  // [N,H,W,C]
  MapShape shape;
  float bias[2];
  int stride[2];
  float* probability[2];  // [N,H',W'] each, H' by its stride
};

void maskHeads(Engine& engine, const MaskHeads& heads);

}  // namespace stint
