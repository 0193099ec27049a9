// Loops over the channels of whole rows: weighted sums (interpolation, residual, up-sampling), maxima (pooling), noise.
#pragma once

#include "kernels.h"
#include "simd.h"

namespace stint {
namespace STINT_ISA {


/** V vectors of channels from `c` on. */
template <int V>
static inline void blendVectors(const Blend& b, int c) {
  Vec sums[V];
#pragma GCC unroll 4
  for (int v = 0; v < V; ++v) sums[v] = b.residual ? load(b.residual + c + v * W) : set1(0);
  if (b.weights) {
    for (int i = 0; i < b.count; ++i) {
      const Vec weight = set1(b.weights[i]);
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) sums[v] = mulAdd(weight, load(b.rows[i] + c + v * W), sums[v]);
    }
  } else {
    for (int i = 0; i < b.count; ++i) {
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) sums[v] = mulAdd(load(b.weightRows[i] + c + v * W), load(b.rows[i] + c + v * W), sums[v]);
    }
  }
#pragma GCC unroll 4
  for (int v = 0; v < V; ++v) store(b.out + c + v * W, b.relu ? rectify(sums[v]) : sums[v]);
}

static void blend(const Blend& b) {
  int c = 0;
  for (; c + 4 * W <= b.channels; c += 4 * W) blendVectors<4>(b, c);
  for (; c + W <= b.channels; c += W) blendVectors<1>(b, c);
  for (; c < b.channels; ++c) {
    float value = b.residual ? b.residual[c] : 0;
    for (int i = 0; i < b.count; ++i) value += (b.weights ? b.weights[i] : b.weightRows[i][c]) * b.rows[i][c];
    b.out[c] = b.relu ? rectify(value) : value;
  }
}

static void maximum(const float* const* rows, int count, int channels, float* out) {
  int c = 0;
  for (; c + W <= channels; c += W) {
    Vec best = load(rows[0] + c);
    for (int i = 1; i < count; ++i) best = max(best, load(rows[i] + c));
    store(out + c, best);
  }
  for (; c < channels; ++c) {
    float best = rows[0][c];
    for (int i = 1; i < count; ++i) best = rows[i][c] > best ? rows[i][c] : best;
    out[c] = best;
  }
}

/** Numbers first .. first + count - 1 of a stream of noise. */
static void uniform(StreamKey key, uint32_t first, int64_t count, float* out) {
  for (int64_t i = 0; i < count; ++i) out[i] = uniformAt(key, first + static_cast<uint32_t>(i));
}

}  // namespace STINT_ISA
}  // namespace stint
