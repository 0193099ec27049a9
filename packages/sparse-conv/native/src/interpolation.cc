// The mask is kept as bits, so that the samples of a window (at most 7 x 7) are one 64-bit word, and only they are visited. Mostly the
// eight neighbours decide (rbf.h); then not even the window is put together.
#include "interpolation.h"

namespace stint {
namespace {

constexpr int MAX_CELLS = MAX_WINDOW * MAX_WINDOW;
constexpr int64_t FETCH_AHEAD = 3;  // columns, of the row below: where the neighbours come from that no position has read yet

/** The whole window as one ring. */
std::vector<Ring> oneRing(int window) {
  const int cells = window * window;
  return {{(uint64_t{1} << cells) - 1, 1, static_cast<float>(cells)}};
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

  /** The `size` x `size` cells around (y, x) of an image, row by row from bit 0; size odd, up to the window. */
  uint64_t around(int64_t image, int64_t y, int64_t x, int64_t size) const {
    uint64_t cells = 0;
    const int64_t from = x + (window_ - size) / 2;
    for (int64_t row = 0; row < size; ++row) {
      const int64_t at = y + row - size / 2;
      if (at >= 0 && at < height_) cells |= run(bits_ + (image * height_ + at) * stride_, from, size) << (row * size);
    }
    return cells;
  }

 private:
  static uint64_t run(const uint64_t* bits, int64_t from, int64_t size) {
    const int64_t word = from >> 6, shift = from & 63;
    const uint64_t low = bits[word] >> shift;
    const uint64_t high = shift ? bits[word + 1] << (64 - shift) : 0;
    return (low | high) & ((uint64_t{1} << size) - 1);
  }

  int64_t height_, window_, stride_;
  uint64_t* bits_;
};

class Filler {
 public:
  Filler(Engine& engine, const Interpolation& in) : in_(in), kernels_(engine.kernels), mask_(engine, in) {
    if (in.fill == Fill::rbf && in.window > 1) rbf_ = &engine.rbf(in.window, in.sigma);
    if (in.fill == Fill::average || in.fill == Fill::convolution) whole_ = oneRing(in.window);
    const int64_t channels = in.shape.channels;
    auto offset = [&](int cell, int size) { return ((cell / size - size / 2) * in.shape.width + cell % size - size / 2) * channels; };
    for (int i = 0; i < in.window * in.window; ++i) offsets_[i] = offset(i, in.window);
    for (int i = 0; i < 9; ++i) nearOffsets_[i] = offset(i, 3);
  }

  void fillRow(int64_t image, int64_t y) const {
    const bool inPlace = in_.output == in_.features;
    const int64_t first = (image * in_.shape.height + y) * in_.shape.width;
    for (int64_t x = 0; x < in_.shape.width; ++x) {
      const int64_t position = first + x;
      if (in_.mask[position]) {
        if (!inPlace) keep(position);
      } else if (!in_.where || in_.where[position]) {
        if (!rbf_ || !fillFromNeighbours(position, rbf_->neighbours(mask_.around(image, y, x, 3)))) {
          fill(position, mask_.around(image, y, x, in_.window), rbf_ ? rbf_->rings() : whole_);
        }
      }
    }
  }

 private:
  void keep(int64_t position) const {
    const float one = 1;
    const float* row = in_.features + position * in_.shape.channels;
    write(position, &row, &one, nullptr, 1);
  }

  bool fillFromNeighbours(int64_t position, const Neighbours& near) const {
    if (!near.enough) return false;
    const float* centre = in_.features + position * in_.shape.channels;
    const float* rows[Neighbours::MAX];
    for (int i = 0; i < Neighbours::MAX; ++i) rows[i] = centre + nearOffsets_[near.cells[i]];
    write(position, rows, near.weights, nullptr, near.count);
    return true;
  }

  void fill(int64_t position, uint64_t window, const std::vector<Ring>& rings) const {
    const float* centre = in_.features + position * in_.shape.channels;
    const float* rows[MAX_CELLS];
    float weights[MAX_CELLS];
    const float* weightRows[MAX_CELLS];
    int count = 0;
    float sum = 0;
    for (const Ring& ring : rings) {
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
    blend.next = blend.out + in_.shape.channels;
    const int64_t later = position + in_.shape.width + FETCH_AHEAD;
    blend.later = later < in_.shape.cells() && in_.mask[later] ? in_.features + later * in_.shape.channels : nullptr;
    kernels_.blend(blend);
  }

  const Interpolation& in_;
  const Kernels& kernels_;
  BitMask mask_;
  const Rbf* rbf_ = nullptr;
  std::vector<Ring> whole_;
  int64_t offsets_[MAX_CELLS];
  int64_t nearOffsets_[9];
};

}  // namespace

void interpolate(Engine& engine, const Interpolation& in) {
  const Filler filler(engine, in);
  engine.pool.run(in.shape.batch * in.shape.height, [&](int64_t row, int) { filler.fillRow(row / in.shape.height, row % in.shape.height); });
}

}  // namespace stint
