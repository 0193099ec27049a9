// Convolution at a list of output positions, or at all of them, as an indirect matrix product.
#pragma once

#include "engine.h"
#include "filter.h"

namespace stint {

struct Convolution {
  const Filter* filter;
  const float* input;  // [N,H,W,in], or [count,in] with inputRows
  MapShape shape;      // of the input map
  int stride = 1;
  const int32_t* positions = nullptr;  // (n H' + y) W' + x, in range; null: every position
  int64_t count = 0;                   // of the positions
  const float* residual = nullptr;     // [N,H',W',out], read at the positions
  bool relu = false;
  float* output = nullptr;  // [N,H',W',out], written at the positions; or [count,out] with outputRows
  bool inputRows = false;   // row i of the input belongs to positions[i]; kernel and stride 1
  bool outputRows = false;
};

void convolve(Engine& engine, const Convolution& convolution);

}  // namespace stint
