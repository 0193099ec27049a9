// The weights of a convolution, packed once for the micro-kernels of one instruction set.
#pragma once

#include <cstdint>
#include <vector>

#include "buffer.h"
#include "kernels.h"

namespace stint {

/** Adjacent output channels that one micro-kernel computes. */
struct Panel {
  int first;
  int columns;
  int vectors;     // 0: too few columns for a vector, computed as dot products
  size_t offset;   // of its weights
  size_t bias;     // of its bias
};

struct Filter {
  /** weights [kernel, kernel, in, out]; bias [out] or null. */
  Filter(const Kernels& kernels, int kernel, int64_t in, int64_t out, const float* weights, const float* bias);

  const Kernels& kernels;
  int kernel;
  int64_t in, out;
  std::vector<Panel> panels;
  Buffer<float> weights;
  Buffer<float> bias;
};

}  // namespace stint
