// What is compiled once per instruction set: small loops over channels, behind one table of functions. Which rows they work on is decided
// by the drivers (convolution.cc, interpolation.cc, ...), which are compiled once.
#pragma once

#include <cstdint>

#include "hash.h"

namespace stint {

constexpr int MAX_TILE_ROWS = 12;
constexpr int MAX_TILE_VECTORS = 2;
constexpr int MAX_DOTS = 3;

/** A few output rows (positions) times the columns (channels) of one panel of weights: the unit of the indirect matrix product. */
struct Tile {
  const float* const* inputs;  // [taps][stride]: where each row reads the `depth` numbers of a tap
  const float* const* next;    // the same of a tile as high that will be computed next, to be brought near; or null
  int stride;
  int taps;
  int depth;
  const float* weights;           // tile: [taps * depth][vectors * width]; dots: [columns][taps * depth]
  const float* bias;              // as long as the panel is wide
  int columns;                    // columns that exist; the rest of the panel is padding
  const float* const* residuals;  // a row each, or null
  bool relu;
  float* const* outputs;  // a row each
  int64_t first;          // column of the panel's first one in residuals and outputs
};

/** out = sum_i weights[i] rows[i] (+ residual), rectified or not. */
struct Blend {
  const float* const* rows;
  const float* weights;               // a number each row, or null
  const float* const* weightRows;     // or a number each row and channel
  int count;
  int channels;
  const float* residual;  // or null
  bool relu;
  float* out;
  const float* next;   // a row as long that will be needed next, to be brought near; or null
  const float* later;  // one that will be needed soon after; or null
};

struct Kernels {
  const char* isa;
  int width;  // floats of one vector
  int tileRows;
  void (*tile[MAX_TILE_VECTORS][MAX_TILE_ROWS])(const Tile&);  // [vectors - 1][rows - 1]
  void (*dots[MAX_DOTS])(const Tile&, int rows);               // [columns - 1]
  void (*blend)(const Blend&);
  void (*maximum)(const float* const* rows, int count, int channels, float* out);
  void (*uniform)(StreamKey key, uint32_t first, int64_t count, float* out);
};

// Defined by kernels.cc in the namespace of each instruction set it is compiled for.
#if defined(__x86_64__)
namespace avx512 { const Kernels& kernels(); }
namespace avx2 { const Kernels& kernels(); }
namespace baseline { const Kernels& kernels(); }
#elif defined(__aarch64__)
namespace neon { const Kernels& kernels(); }
#endif

}  // namespace stint
