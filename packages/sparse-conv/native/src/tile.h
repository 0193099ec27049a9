// The micro-kernels of the indirect matrix product: R rows by V vectors of columns, all sums in registers.
//   out[r][j] = relu(bias[j] + sum_t sum_c input[t][r][c] weight[t][c][j] + residual[r][j])
// The rows are read through a pointer per tap, where they lie in the map: nothing is copied together first ("indirect convolution",
// Dukhan 2019). The weights of a panel are one stream.
#pragma once

#include "kernels.h"
#include "simd.h"

namespace stint {
namespace STINT_ISA {

constexpr int LINE = 16;  // floats of a cache line

/** Asks for the lines that will be written: a store that misses would wait for its line when all sums are done. */
static inline void fetchOutputs(const Tile& tile, int rows, int width) {
  for (int r = 0; r < rows; ++r) {
    for (int j = 0; j < width; j += LINE) __builtin_prefetch(tile.outputs[r] + j, 1);
  }
}

/**
 * Asks for one line of each row of the next tile: sampled rows are too short and too far apart for the processor to foresee. Into the L2
 * cache only: rows of 1024 channels would all meet in one set of the L1 cache.
 */
static inline void fetchLines(const float* const* rows, int count, int at) {
  for (int r = 0; r < count; ++r) __builtin_prefetch(rows[r] + at, 0, 2);
}

/** Writes the sums [rows][width] of a tile: residual, rectifier, and only the columns that exist. Once for all tiles: it is short. */
static void finish(const Tile& tile, const float* sums, int rows, int width) {
  for (int r = 0; r < rows; ++r, sums += width) {
    float* out = tile.outputs[r];
    const float* residual = tile.residuals ? tile.residuals[r] : nullptr;
    int j = 0;
    for (; j + W <= tile.columns; j += W) {
      Vec value = load(sums + j);
      if (residual) value = add(value, load(residual + j));
      store(out + j, tile.relu ? rectify(value) : value);
    }
    for (; j < tile.columns; ++j) {
      const float value = residual ? sums[j] + residual[j] : sums[j];
      out[j] = tile.relu ? rectify(value) : value;
    }
  }
}

template <int R, int V>
static void tile(const Tile& tile) {
  Vec sums[R][V];
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) sums[r][v] = load(tile.bias + v * W);
  }
  const float* weights = tile.weights;
  const int depth = tile.depth;
  fetchOutputs(tile, R, V * W);
  for (int t = 0; t < tile.taps; ++t) {
    const float* rows[R];
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) rows[r] = tile.inputs[t * tile.stride + r];
    for (int c = 0; c < depth;) {
      if (tile.next) fetchLines(tile.next + t * tile.stride, R, c);
      const int end = depth - c < LINE ? depth : c + LINE;
      for (; c < end; ++c) {
        Vec weight[V];
#pragma GCC unroll 2
        for (int v = 0; v < V; ++v) weight[v] = load(weights + v * W);
        weights += V * W;
#pragma GCC unroll 16
        for (int r = 0; r < R; ++r) {
          const Vec value = set1(rows[r][c]);
#pragma GCC unroll 2
          for (int v = 0; v < V; ++v) sums[r][v] = mulAdd(value, weight[v], sums[r][v]);
        }
      }
    }
  }
  float results[R * V * W];
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) store(results + (r * V + v) * W, sums[r][v]);
  }
  finish(tile, results, R, V * W);
}

/** N columns that are too few for a vector: each row's dot products, vectors along the depth. */
template <int N>
static void dots(const Tile& tile, int rowCount) {
  const int depth = tile.depth;
  const int size = tile.taps * depth;
  for (int r = 0; r < rowCount; ++r) {
    Vec sums[N][2];
    float rest[N];
    for (int j = 0; j < N; ++j) {
      sums[j][0] = sums[j][1] = set1(0);
      rest[j] = tile.bias[j];
    }
    for (int t = 0; t < tile.taps; ++t) {
      const float* row = tile.inputs[t * tile.stride + r];
      const float* weights = tile.weights + t * depth;
      int c = 0;
      for (; c + 2 * W <= depth; c += 2 * W) {
        const Vec a = load(row + c);
        const Vec b = load(row + c + W);
#pragma GCC unroll 3
        for (int j = 0; j < N; ++j) {
          sums[j][0] = mulAdd(a, load(weights + j * size + c), sums[j][0]);
          sums[j][1] = mulAdd(b, load(weights + j * size + c + W), sums[j][1]);
        }
      }
      for (; c < depth; ++c) {
        for (int j = 0; j < N; ++j) rest[j] += row[c] * weights[j * size + c];
      }
    }
    for (int j = 0; j < N; ++j) {
      float value = rest[j] + sum(add(sums[j][0], sums[j][1]));
      if (tile.residuals) value += tile.residuals[r][j];
      tile.outputs[r][j] = tile.relu ? rectify(value) : value;
    }
  }
}

}  // namespace STINT_ISA
}  // namespace stint
