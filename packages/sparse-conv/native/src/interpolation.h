// Interpolation of the positions that were not computed. Paper, section 3.2; the definitions are those of @stint/interpolation.
#pragma once

#include "engine.h"

namespace stint {

enum class Fill { rbf, average, convolution, zeros };

struct Interpolation {
  Fill fill;
  int window;             // odd, up to MAX_WINDOW
  float sigma = 0;        // rbf
  const float* filter = nullptr;  // convolution: [window, window, C]
  const float* features;  // [N,H,W,C]; read where the mask is not 0
  const uint8_t* mask;    // [N,H,W]
  MapShape shape;
  const uint8_t* where = nullptr;     // [N,H,W]: unsampled positions where it is 0 are left as they are
  const float* residual = nullptr;    // [N,H,W,C], added at every position; not in place
  bool relu = false;                  // at every position; not in place
  float* output;  // [N,H,W,C]. The features themselves: only unsampled positions are written
};

void interpolate(Engine& engine, const Interpolation& interpolation);

}  // namespace stint
