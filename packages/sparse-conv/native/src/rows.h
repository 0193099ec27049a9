// Loops over the channels of whole rows: weighted sums (interpolation, residual, up-sampling), maxima (pooling), noise.
#pragma once

#include "kernels.h"
#include "simd.h"

namespace stint {
namespace STINT_ISA {

/** V vectors of channels from `c` on; `weight(i, c)` is the vector of weights of row i. */
template <int V, typename Weight>
static inline __attribute__((always_inline)) void blendVectors(const Blend& b, int count, int c, const Weight& weight) {
  Vec sums[V];
#pragma GCC unroll 4
  for (int v = 0; v < V; ++v) {
    sums[v] = b.residual ? load(b.residual + c + v * W) : set1(0);
    if (b.next) __builtin_prefetch(b.next + c + v * W);
    if (b.later) __builtin_prefetch(b.later + c + v * W, 0, 2);
  }
#pragma GCC unroll 8
  for (int i = 0; i < count; ++i) {
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) sums[v] = mulAdd(weight(i, c + v * W), load(b.rows[i] + c + v * W), sums[v]);
  }
  const Vec least = set1(b.relu ? 0 : -__builtin_inff());
#pragma GCC unroll 4
  for (int v = 0; v < V; ++v) store(b.out + c + v * W, max(least, sums[v]));
}

template <typename Weight>
static inline __attribute__((always_inline)) void blendChannels(const Blend& b, int count, const Weight& weight) {
  int c = 0;
  for (; c + 4 * W <= b.channels; c += 4 * W) blendVectors<4>(b, count, c, weight);
  for (; c + W <= b.channels; c += W) blendVectors<1>(b, count, c, weight);
  for (; c < b.channels; ++c) {
    float value = b.residual ? b.residual[c] : 0;
    for (int i = 0; i < count; ++i) value += (b.weights ? b.weights[i] : b.weightRows[i][c]) * b.rows[i][c];
    b.out[c] = b.relu ? rectify(value) : value;
  }
}

/** N rows, a weight each: the weights stay in registers. */
template <int N>
static void blendRows(const Blend& b) {
  Vec weights[N > 0 ? N : 1];
#pragma GCC unroll 8
  for (int i = 0; i < N; ++i) weights[i] = set1(b.weights[i]);
  blendChannels(b, N, [&](int i, int) { return weights[i]; });
}

static void blend(const Blend& b) {
  if (b.weights) {
    switch (b.count) {
      case 0: return blendRows<0>(b);
      case 1: return blendRows<1>(b);
      case 2: return blendRows<2>(b);
      case 3: return blendRows<3>(b);
      case 4: return blendRows<4>(b);
      case 5: return blendRows<5>(b);
      case 6: return blendRows<6>(b);
      default: return blendChannels(b, b.count, [&](int i, int) { return set1(b.weights[i]); });
    }
  }
  blendChannels(b, b.count, [&](int i, int c) { return load(b.weightRows[i] + c); });
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
