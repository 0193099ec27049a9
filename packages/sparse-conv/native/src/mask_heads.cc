// A 3x3 convolution to one channel has nothing to reuse in registers. So its nine taps are taken as nine outputs of a 1x1 convolution,
// both heads together, and what belongs to one position is then summed from its neighbours:
//   logit(y, x) = bias + sum_t product(y s + dy_t, x s + dx_t)[t],   probability = sigmoid(logit).
#include "mask_heads.h"

#include <cmath>

#include "convolution.h"

namespace stint {
namespace {

constexpr int TAPS = 9;
constexpr int COLUMNS = 2 * TAPS;

void sumRow(const MaskHeads& m, int head, const float* products, int64_t image, int64_t y) {
  const int stride = m.stride[head];
  const int64_t height = m.shape.height, width = m.shape.width;
  const int64_t outHeight = outputSize(height, stride), outWidth = outputSize(width, stride);
  float* out = m.probability[head] + (image * outHeight + y) * outWidth;
  std::fill(out, out + outWidth, m.bias[head]);
  for (int tap = 0; tap < TAPS; ++tap) {
    const int64_t from = y * stride + tap / 3 - 1;
    if (from < 0 || from >= height) continue;
    const int64_t shift = tap % 3 - 1;
    const float* row = products + (image * height + from) * width * COLUMNS + head * TAPS + tap;
    const int64_t first = shift < 0 ? 1 : 0;
    const int64_t last = std::min(outWidth, (width - shift + stride - 1) / stride);
    for (int64_t x = first; x < last; ++x) out[x] += row[(x * stride + shift) * COLUMNS];
  }
  for (int64_t x = 0; x < outWidth; ++x) out[x] = 1 / (1 + std::exp(-out[x]));
}

}  // namespace

void maskHeads(Engine& engine, const MaskHeads& m) {
  float* products = engine.heads.reserve(m.shape.cells() * COLUMNS);
  Convolution c;
  c.filter = m.taps;
  c.input = m.input;
  c.shape = m.shape;
  c.count = m.shape.cells();
  c.output = products;
  convolve(engine, c);

  const int64_t rows[2] = {outputSize(m.shape.height, m.stride[0]), outputSize(m.shape.height, m.stride[1])};
  engine.pool.run(m.shape.batch * (rows[0] + rows[1]), [&](int64_t task, int) {
    const int64_t ofFirst = m.shape.batch * rows[0];
    const int head = task < ofFirst ? 0 : 1;
    const int64_t row = head == 0 ? task : task - ofFirst;
    sumRow(m, head, products, row / rows[head], row % rows[head]);
  });
}

}  // namespace stint
