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

// Channels before the end at which the lines of the results are asked for: earlier, the rows and weights would drive them out again.
constexpr int FETCH_AHEAD = 3 * LINE;

/** Asks for the lines that will be written: a store that misses would wait for its line when all sums are done. */
static inline void fetchOutputs(const Tile& tile, int rows, int width) {
  for (int r = 0; r < rows; ++r) {
    for (int j = 0; j < width; j += LINE) __builtin_prefetch(tile.outputs[r] + tile.first + j, 1);
  }
}

/**
 * Asks for one line of each row of the next tile: sampled rows are too short and too far apart for the processor to foresee. Into the L2
 * cache only: rows of 1024 channels would all meet in one set of the L1 cache.
 */
static inline void fetchLines(const float* const* rows, int count, int at) {
  for (int r = 0; r < count; ++r) __builtin_prefetch(rows[r] + at, 0, 2);
}

/** Writes the sums [rows][width] of a panel that is not full: only the columns that exist. */
static void finishColumns(const Tile& tile, const float* sums, int rows, int width) {
  for (int r = 0; r < rows; ++r, sums += width) {
    for (int j = 0; j < tile.columns; ++j) {
      const int64_t at = tile.first + j;
      const float value = tile.residuals ? sums[j] + tile.residuals[r][at] : sums[j];
      tile.outputs[r][at] = tile.relu ? rectify(value) : value;
    }
  }
}

/** One channel of all rows: sums += rows[:][c] x weights. */
template <int R, int V>
static inline __attribute__((always_inline)) void addChannel(Vec (&sums)[R][V], const float* const* rows, int c, const float* weights) {
  Vec weight[V];
#pragma GCC unroll 2
  for (int v = 0; v < V; ++v) weight[v] = load(weights + v * W);
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
    const Vec value = set1(rows[r][c]);
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) sums[r][v] = mulAdd(value, weight[v], sums[r][v]);
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
  const int nearEnd = tile.depth < FETCH_AHEAD ? LINE : tile.depth / LINE * LINE - FETCH_AHEAD + LINE;
  for (int t = 0; t < tile.taps; ++t) {
    const float* rows[R];
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) rows[r] = tile.inputs[t * tile.stride + r];
    for (int c = LINE; c <= tile.depth; c += LINE) {
      if (c == nearEnd && t == tile.taps - 1) fetchOutputs(tile, R, V * W);
      if (tile.next) fetchLines(tile.next + t * tile.stride, R, c - LINE);
#pragma GCC unroll 16
      for (int i = 0; i < LINE; ++i) addChannel<R, V>(sums, rows, i, weights + i * V * W);
      weights += LINE * V * W;
#pragma GCC unroll 16
      for (int r = 0; r < R; ++r) rows[r] += LINE;
    }
    for (int i = 0; i < tile.depth % LINE; ++i, weights += V * W) addChannel<R, V>(sums, rows, i, weights);
  }
  if (tile.columns < V * W) {
    float results[R * V * W];
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) store(results + (r * V + v) * W, sums[r][v]);
    }
    finishColumns(tile, results, R, V * W);
    return;
  }
  if (tile.residuals) {
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) sums[r][v] = add(sums[r][v], load(tile.residuals[r] + tile.first + v * W));
    }
  }
  const Vec least = set1(tile.relu ? 0 : -__builtin_inff());
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) store(tile.outputs[r] + tile.first + v * W, max(least, sums[r][v]));
  }
}

/** R rows of N columns that are too few for a vector: dot products, vectors along the depth. */
template <int R, int N>
static void dotRows(const Tile& tile, int first) {
  const int size = tile.taps * tile.depth;
  Vec sums[R][N];
  float rest[R][N] = {};
#pragma GCC unroll 6
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 3
    for (int j = 0; j < N; ++j) sums[r][j] = set1(0);
  }
  for (int t = 0; t < tile.taps; ++t) {
    const float* const* rows = tile.inputs + t * tile.stride + first;
    const float* weights = tile.weights + t * tile.depth;
    int c = 0;
    for (; c + W <= tile.depth; c += W) {
      Vec weight[N];
#pragma GCC unroll 3
      for (int j = 0; j < N; ++j) weight[j] = load(weights + j * size + c);
#pragma GCC unroll 6
      for (int r = 0; r < R; ++r) {
        const Vec value = load(rows[r] + c);
#pragma GCC unroll 3
        for (int j = 0; j < N; ++j) sums[r][j] = mulAdd(value, weight[j], sums[r][j]);
      }
    }
    for (; c < tile.depth; ++c) {
      for (int r = 0; r < R; ++r) {
        for (int j = 0; j < N; ++j) rest[r][j] += rows[r][c] * weights[j * size + c];
      }
    }
  }
#pragma GCC unroll 6
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 3
    for (int j = 0; j < N; ++j) {
      float value = tile.bias[j] + rest[r][j] + sum(sums[r][j]);
      if (tile.residuals) value += tile.residuals[first + r][tile.first + j];
      tile.outputs[first + r][tile.first + j] = tile.relu ? rectify(value) : value;
    }
  }
}

template <int N>
static void dots(const Tile& tile, int rows) {
  int r = 0;
  for (; r + 6 <= rows; r += 6) dotRows<6, N>(tile, r);
  for (; r < rows; ++r) dotRows<1, N>(tile, r);
}

}  // namespace STINT_ISA
}  // namespace stint
