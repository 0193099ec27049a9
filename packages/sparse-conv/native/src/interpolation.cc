// The mask is kept as bits, so that the samples of a window (at most 7 x 7) are one 64-bit word, and only they are visited. The RBF kernel
// falls with the distance: rings of equal distance are visited from the nearest on, and left when what all farther ones could add is
// below float32's notice. So at sigma 3 mostly the 12 nearest of 49 cells are looked at, with the same result.
#include "interpolation.h"

#include <cmath>

namespace stint {
namespace {

constexpr double EPSILON = 1e-5;  // of the normalisation, as in the reference
constexpr double NOTICE = 0x1p-24;
constexpr int MAX_CELLS = MAX_WINDOW * MAX_WINDOW;

/** Cells of the window at one distance from its centre. */
struct Ring {
  int squared;
  uint64_t cells;
  float weight;  // of each cell
  float rest;    // weight of all cells of this ring and the farther ones together
};

/** Rings of an RBF kernel, the nearest first; cells that float32 would not notice even alone in a window are left out. */
std::vector<Ring> rbfRings(int window, double sigma) {
  const int radius = window / 2;
  std::vector<Ring> rings;
  for (int squared = 1; squared <= 2 * radius * radius; ++squared) {
    const double weight = sigma * sigma / (2 * M_PI) * std::exp(-sigma * sigma / 2 * squared);
    Ring ring = {squared, 0, static_cast<float>(weight), 0};
    for (int i = 0; i < window * window; ++i) {
      const int dy = i / window - radius, dx = i % window - radius;
      if (dy * dy + dx * dx == squared) ring.cells |= uint64_t{1} << i;
    }
    if (ring.cells && weight > NOTICE * EPSILON) rings.push_back(ring);
  }
  float rest = 0;
  for (auto ring = rings.rbegin(); ring != rings.rend(); ++ring) {
    rest += ring->weight * __builtin_popcountll(ring->cells);
    ring->rest = rest;
  }
  return rings;
}

/** The whole window as one ring. */
std::vector<Ring> oneRing(int window) {
  const int cells = window * window;
  return {{0, (uint64_t{1} << cells) - 1, 1, static_cast<float>(cells)}};
}

/** A mask as bits, each row with zeros left and right of it, so that windows need no bounds. */
class BitMask {
 public:
  BitMask(Engine& engine, const Interpolation& in)
      : height_(in.shape.height), window_(in.window), stride_((in.shape.width + in.window) / 64 + 2) {
    const int64_t rows = in.shape.batch * height_;
    bits_ = engine.bits.reserve(rows * stride_);
    std::memset(bits_, 0, rows * stride_ * sizeof(uint64_t));
    const int64_t radius = window_ / 2;
    for (int64_t row = 0; row < rows; ++row) {
      const uint8_t* mask = in.mask + row * in.shape.width;
      uint64_t* bits = bits_ + row * stride_;
      for (int64_t x = 0; x < in.shape.width; ++x) {
        bits[(x + radius) >> 6] |= static_cast<uint64_t>(mask[x] != 0) << ((x + radius) & 63);
      }
    }
  }

  /** The window around (y, x) of an image, row by row from bit 0. */
  uint64_t around(int64_t image, int64_t y, int64_t x) const {
    uint64_t cells = 0;
    for (int64_t row = 0; row < window_; ++row) {
      const int64_t at = y + row - window_ / 2;
      if (at >= 0 && at < height_) cells |= run(bits_ + (image * height_ + at) * stride_, x) << (row * window_);
    }
    return cells;
  }

 private:
  uint64_t run(const uint64_t* bits, int64_t from) const {
    const int64_t word = from >> 6, shift = from & 63;
    const uint64_t low = bits[word] >> shift;
    const uint64_t high = shift ? bits[word + 1] << (64 - shift) : 0;
    return (low | high) & ((uint64_t{1} << window_) - 1);
  }

  int64_t height_, window_, stride_;
  uint64_t* bits_;
};

class Filler {
 public:
  Filler(Engine& engine, const Interpolation& in) : in_(in), kernels_(engine.kernels), mask_(engine, in) {
    if (in.fill == Fill::rbf) rings_ = rbfRings(in.window, in.sigma);
    else if (in.fill != Fill::zeros) rings_ = oneRing(in.window);
    for (int i = 0; i < in.window * in.window; ++i) {
      offsets_[i] = ((i / in.window - in.window / 2) * in.shape.width + i % in.window - in.window / 2) * in.shape.channels;
    }
  }

  void fillRow(int64_t image, int64_t y) const {
    const bool inPlace = in_.output == in_.features;
    const int64_t first = (image * in_.shape.height + y) * in_.shape.width;
    for (int64_t x = 0; x < in_.shape.width; ++x) {
      const int64_t position = first + x;
      if (in_.mask[position]) {
        if (!inPlace) keep(position);
      } else if (!in_.where || in_.where[position]) {
        fill(position, mask_.around(image, y, x));
      }
    }
  }

 private:
  void keep(int64_t position) const {
    const float one = 1;
    const float* row = in_.features + position * in_.shape.channels;
    write(position, &row, &one, nullptr, 1);
  }

  void fill(int64_t position, uint64_t window) const {
    const float* centre = in_.features + position * in_.shape.channels;
    const float* rows[MAX_CELLS];
    float weights[MAX_CELLS];
    const float* weightRows[MAX_CELLS];
    int count = 0;
    float sum = 0;
    for (const Ring& ring : rings_) {
      if (ring.rest <= static_cast<float>(NOTICE) * sum) break;
      for (uint64_t cells = window & ring.cells; cells; cells &= cells - 1) {
        const int cell = __builtin_ctzll(cells);
        rows[count] = centre + offsets_[cell];
        weights[count] = ring.weight;
        if (in_.filter) weightRows[count] = in_.filter + cell * in_.shape.channels;
        sum += ring.weight;
        ++count;
      }
    }
    const float scale = 1 / (sum + static_cast<float>(EPSILON));
    for (int i = 0; i < count; ++i) weights[i] *= scale;
    if (in_.filter) write(position, rows, nullptr, weightRows, count);
    else write(position, rows, weights, nullptr, count);
  }

  void write(int64_t position, const float* const* rows, const float* weights, const float* const* weightRows, int count) const {
    const int64_t at = position * in_.shape.channels;
    Blend blend;
    blend.rows = rows;
    blend.weights = weights;
    blend.weightRows = weightRows;
    blend.count = count;
    blend.channels = static_cast<int>(in_.shape.channels);
    blend.residual = in_.residual ? in_.residual + at : nullptr;
    blend.relu = in_.relu;
    blend.out = in_.output + at;
    kernels_.blend(blend);
  }

  const Interpolation& in_;
  const Kernels& kernels_;
  BitMask mask_;
  std::vector<Ring> rings_;
  int64_t offsets_[MAX_CELLS];
};

}  // namespace

void interpolate(Engine& engine, const Interpolation& in) {
  const Filler filler(engine, in);
  engine.pool.run(in.shape.batch * in.shape.height, [&](int64_t row, int) { filler.fillRow(row / in.shape.height, row % in.shape.height); });
}

}  // namespace stint
