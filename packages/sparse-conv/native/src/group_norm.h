// Group normalisation, as segmentation heads have it after their convolutions.
#pragma once

#include "engine.h"

namespace stint {

struct GroupNorm {
  const float* input;
  MapShape shape;
  int64_t groups;      // divides the channels
  const float* scale;  // one a channel
  const float* shift;
  bool relu;
  float* output;  // may be the input
};

/** y = scale (x - mean) / sqrt(variance + 1e-5) + shift, mean and biased variance over the pixels and channels of a group of an image. */
void groupNorm(Engine& engine, const GroupNorm& norm);

}  // namespace stint
