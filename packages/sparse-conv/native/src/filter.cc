#include "filter.h"

#include <algorithm>
#include <cstring>

namespace stint {
namespace {

/** Panels of two vectors; what is left over goes to one vector, or to dot products where a vector would be nearly empty. */
std::vector<Panel> cut(int64_t out, int width) {
  std::vector<Panel> panels;
  for (int64_t first = 0; first < out;) {
    const int64_t rest = out - first;
    Panel panel = {};
    panel.first = static_cast<int>(first);
    panel.vectors = rest <= MAX_DOTS ? 0 : rest <= width + MAX_DOTS ? 1 : 2;
    panel.columns = static_cast<int>(std::min<int64_t>(rest, panel.vectors == 0 ? rest : panel.vectors * width));
    panels.push_back(panel);
    first += panel.columns;
  }
  return panels;
}

}  // namespace

Filter::Filter(const Kernels& kernels, int kernel, int64_t in, int64_t out, const float* from, const float* bias)
    : kernels(kernels), kernel(kernel), in(in), out(out), panels(cut(out, kernels.width)) {
  const size_t depth = static_cast<size_t>(kernel) * kernel * in;
  size_t size = 0;
  size_t columns = 0;
  for (Panel& panel : panels) {
    const size_t lanes = panel.vectors == 0 ? panel.columns : panel.vectors * kernels.width;
    panel.offset = size;
    panel.bias = columns;
    size += depth * lanes;
    columns += lanes;
  }
  std::memset(weights.reserve(size), 0, size * sizeof(float));
  std::memset(this->bias.reserve(columns), 0, columns * sizeof(float));
  for (const Panel& panel : panels) {
    float* to = weights.data() + panel.offset;
    for (int j = 0; j < panel.columns; ++j) {
      const int64_t column = panel.first + j;
      if (bias) this->bias.data()[panel.bias + j] = bias[column];
      for (size_t k = 0; k < depth; ++k) {
        const size_t at = panel.vectors == 0 ? j * depth + k : k * panel.vectors * kernels.width + j;
        to[at] = from[k * out + column];
      }
    }
  }
}

}  // namespace stint
