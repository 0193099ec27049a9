#include "convolution_block.h"

namespace stint {
namespace {

// Rows this far apart meet in one set of an 8-way L1 cache of 32 KiB, where the 12 rows of a tile have no room.
constexpr int64_t SET_PERIOD = 4096 / sizeof(float);
constexpr int64_t LINE = 16;

// Up to this depth the rows of a tile stay in the L1 cache while all panels pass over them. Each row of the output is then finished at
// once: up to 8 % faster than one panel after the other where there are many panels (64 -> 256 channels), slower for deeper ones.
constexpr int64_t SHALLOW = 256;

// With so few columns (mask heads), reading the rows takes longer than multiplying them: six rows at a time keep their place in an 8-way
// cache even when they conflict (1024 channels 25 % faster than with twelve), and all panels pass over them there.
constexpr int64_t FEW_COLUMNS = 32;
constexpr int64_t FEW_ROWS = 6;

/** Row and column of ascending positions, without a division for each. */
class Place {
 public:
  Place(int64_t height, int64_t width) : height_(height), width_(width) {}

  void moveTo(int64_t position) {
    x = position - rowStart_;
    if (x >= 0 && x < width_) return;
    const int64_t row = position / width_;
    image = row / height_;
    y = row % height_;
    x = position % width_;
    rowStart_ = position - x;
  }

  int64_t image = 0, y = 0, x = 0;

 private:
  int64_t height_, width_;
  int64_t rowStart_ = 0;
};

Place outputPlace(const Convolution& c) { return {outputSize(c.shape.height, c.stride), outputSize(c.shape.width, c.stride)}; }

}  // namespace

Block::Block(const Convolution& c, const Engine& engine, ThreadScratch& scratch, int64_t first, int64_t last)
    : c_(c),
      kernels_(engine.kernels),
      zeros_(engine.zeroRow.data()),
      first_(first),
      rows_(last - first),
      tileRows_(c.filter->out <= FEW_COLUMNS ? std::min<int64_t>(FEW_ROWS, engine.kernels.tileRows) : engine.kernels.tileRows),
      taps_(c.filter->kernel) {
  const int64_t tiles = (rows_ + tileRows_ - 1) / tileRows_;
  pointers_ = scratch.pointers.reserve(tiles * taps_ * tileRows_);
  if (taps_ == 1) findRows(scratch);
  else findWindows(scratch);
  findOutputs(scratch);
}

void Block::multiply(int64_t firstPanel, int64_t lastPanel) const {
  const bool atOnce = c_.filter->kernel * taps_ * c_.shape.channels <= SHALLOW || c_.filter->out <= FEW_COLUMNS;
  const int64_t group = atOnce ? tileRows_ : rows_;
  for (int64_t start = 0; start < rows_; start += group) {
    for (int64_t p = firstPanel; p < lastPanel; ++p) {
      for (int64_t row = start; row < std::min(rows_, start + group); row += tileRows_) {
        multiplyTile(c_.filter->panels[p], row, p == firstPanel);
      }
    }
  }
}

void Block::findRows(ThreadScratch& scratch) {
  const int64_t channels = c_.shape.channels;
  // Copies cost 4 % of a convolution to 256 channels, and the conflict 8 %. The mask heads are too few columns for a copy to pay.
  const bool conflict = channels * c_.stride % SET_PERIOD == 0 && c_.filter->out >= SHALLOW / 2;
  const int64_t length = channels + LINE;
  float* copies = conflict ? scratch.edges.reserve(rows_ * length) : nullptr;
  Place place = outputPlace(c_);
  for (int64_t row = 0; row < rows_; ++row) {
    int64_t at = c_.inputRows ? first_ + row : positionOf(row);
    if (c_.stride > 1) {
      place.moveTo(at);
      at = (place.image * c_.shape.height + place.y * c_.stride) * c_.shape.width + place.x * c_.stride;
    }
    pointers_[row] = c_.input + at * channels;
    if (conflict) pointers_[row] = static_cast<float*>(std::memcpy(copies + row * length, pointers_[row], channels * sizeof(float)));
  }
}

void Block::findWindows(ThreadScratch& scratch) {
  const int64_t height = c_.shape.height, width = c_.shape.width, channels = c_.shape.channels;
  const int64_t padding = taps_ >> 1;
  const int64_t run = taps_ * channels;
  auto crosses = [&](int64_t left) { return left < 0 || left + taps_ > width; };
  Place place = outputPlace(c_);
  size_t crossing = 0;
  for (int64_t row = 0; row < rows_; ++row) {
    place.moveTo(positionOf(row));
    crossing += crosses(place.x * c_.stride - padding);
  }
  float* padded = scratch.edges.reserve(crossing * taps_ * run);

  for (int64_t row = 0; row < rows_; ++row) {
    place.moveTo(positionOf(row));
    const int64_t left = place.x * c_.stride - padding, top = place.y * c_.stride - padding;
    const float* image = c_.input + place.image * height * width * channels;
    const int64_t from = std::max<int64_t>(left, 0), to = std::min<int64_t>(left + taps_, width);
    const float** pointers = pointers_ + row / tileRows_ * taps_ * tileRows_ + row % tileRows_;
    for (int64_t tap = 0; tap < taps_; ++tap, pointers += tileRows_) {
      const int64_t y = top + tap;
      if (y < 0 || y >= height) {
        *pointers = zeros_;
      } else if (!crosses(left)) {
        *pointers = image + (y * width + left) * channels;
      } else {
        std::memset(padded, 0, run * sizeof(float));
        std::memcpy(padded + (from - left) * channels, image + (y * width + from) * channels, (to - from) * channels * sizeof(float));
        *pointers = padded;
        padded += run;
      }
    }
  }
}

/** Where each row of the block is written, and its residual read: once for all panels. */
void Block::findOutputs(ThreadScratch& scratch) {
  const int64_t out = c_.filter->out;
  outputs_ = scratch.outputs.reserve(rows_);
  residuals_ = c_.residual ? scratch.residuals.reserve(rows_) : nullptr;
  for (int64_t row = 0; row < rows_; ++row) {
    const int64_t position = positionOf(row);
    outputs_[row] = c_.output + (c_.outputRows ? first_ + row : position) * out;
    if (residuals_) residuals_[row] = c_.residual + position * out;
  }
}

/** @param cold the inputs have not been read by another panel before. */
void Block::multiplyTile(const Panel& panel, int64_t row, bool cold) const {
  const int rows = static_cast<int>(std::min<int64_t>(tileRows_, rows_ - row));
  Tile tile;
  tile.inputs = pointers_ + row * taps_;
  tile.next = cold && row + 2 * tileRows_ <= rows_ ? tile.inputs + taps_ * tileRows_ : nullptr;
  tile.stride = static_cast<int>(tileRows_);
  tile.taps = static_cast<int>(taps_);
  tile.depth = static_cast<int>(taps_ * c_.shape.channels);
  tile.weights = c_.filter->weights.data() + panel.offset;
  tile.bias = c_.filter->bias.data() + panel.bias;
  tile.columns = panel.columns;
  tile.residuals = residuals_ ? residuals_ + row : nullptr;
  tile.relu = c_.relu;
  tile.outputs = outputs_ + row;
  tile.first = panel.first;
  if (panel.vectors == 0) {
    kernels_.dots[panel.columns - 1](tile, rows);
  } else {
    kernels_.tile[panel.vectors - 1][rows - 1](tile);
  }
}

}  // namespace stint
