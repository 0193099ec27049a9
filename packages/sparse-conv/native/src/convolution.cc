// The rows of a k x k window are k runs of k * C adjacent numbers in an NHWC map, so a window is k pointers, not k^2, and one of them may
// be the zero row where the window leaves the map at the top or the bottom. Windows that leave it at a side are copied and padded.
//
// Positions are cut into blocks whose pointers are made once; within a block, the outer loop goes over the panels of weights, so that a
// panel is read from memory once for the whole block. Threads take blocks, or shares of the panels where there are too few blocks.
#include "convolution.h"

namespace stint {
namespace {

constexpr int64_t BLOCK_TILES = 20;  // tiles of a block: enough to use a panel of weights often while the inputs stay in the L2 cache

struct Plan {
  int64_t blockRows;
  int64_t blocks;
  int64_t shares;  // of the panels
};

Plan plan(int64_t count, int tileRows, int64_t panels, int threads) {
  Plan p = {BLOCK_TILES * tileRows, 0, 1};
  if (threads > 1) {
    // Blocks of equal size, a multiple of the threads in number.
    const int64_t rounds = (count + p.blockRows * threads - 1) / (p.blockRows * threads);
    const int64_t rows = (count + rounds * threads - 1) / (rounds * threads);
    p.blockRows = (rows + tileRows - 1) / tileRows * tileRows;
  }
  p.blocks = (count + p.blockRows - 1) / p.blockRows;
  if (p.blocks < threads) p.shares = std::min<int64_t>(panels, (threads + p.blocks - 1) / p.blocks);
  return p;
}

class Block {
 public:
  Block(const Convolution& c, const Engine& engine, ThreadScratch& scratch, int64_t first, int64_t last)
      : c_(c), kernels_(engine.kernels), zeros_(engine.zeroRow.data()), first_(first), rows_(last - first) {
    findInputs(scratch);
  }

  void multiply(int64_t firstPanel, int64_t lastPanel) const {
    for (int64_t p = firstPanel; p < lastPanel; ++p) {
      const Panel& panel = c_.filter->panels[p];
      for (int64_t row = 0; row < rows_; row += kernels_.tileRows) multiplyTile(panel, row, p == firstPanel);
    }
  }

 private:
  int64_t positionOf(int64_t row) const { return c_.positions ? c_.positions[first_ + row] : first_ + row; }

  void findInputs(ThreadScratch& scratch) {
    const int64_t tiles = (rows_ + kernels_.tileRows - 1) / kernels_.tileRows;
    taps_ = c_.filter->kernel;
    pointers_ = scratch.pointers.reserve(tiles * taps_ * kernels_.tileRows);
    if (taps_ == 1 && (c_.stride == 1 || c_.inputRows)) {
      for (int64_t row = 0; row < rows_; ++row) {
        pointers_[row] = c_.input + (c_.inputRows ? first_ + row : positionOf(row)) * c_.shape.channels;
      }
    } else {
      findWindows(scratch);
    }
  }

  void findWindows(ThreadScratch& scratch) {
    const int64_t height = c_.shape.height, width = c_.shape.width, channels = c_.shape.channels;
    const int64_t outWidth = outputSize(width, c_.stride), outCells = outWidth * outputSize(height, c_.stride);
    const int64_t padding = taps_ >> 1;
    const int64_t run = taps_ * channels;
    auto leftOf = [&](int64_t row) { return positionOf(row) % outWidth * c_.stride - padding; };
    auto crosses = [&](int64_t left) { return left < 0 || left + taps_ > width; };
    size_t crossing = 0;
    for (int64_t row = 0; row < rows_; ++row) crossing += crosses(leftOf(row));
    float* padded = scratch.edges.reserve(crossing * taps_ * run);

    for (int64_t row = 0; row < rows_; ++row) {
      const int64_t position = positionOf(row);
      const int64_t left = leftOf(row);
      const int64_t top = position % outCells / outWidth * c_.stride - padding;
      const float* image = c_.input + position / outCells * height * width * channels;
      const int64_t from = std::max<int64_t>(left, 0), to = std::min<int64_t>(left + taps_, width);
      const float** pointers = pointers_ + row / kernels_.tileRows * taps_ * kernels_.tileRows + row % kernels_.tileRows;
      for (int64_t tap = 0; tap < taps_; ++tap, pointers += kernels_.tileRows) {
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

  /** @param cold the inputs have not been read by another panel before. */
  void multiplyTile(const Panel& panel, int64_t row, bool cold) const {
    const int rows = static_cast<int>(std::min<int64_t>(kernels_.tileRows, rows_ - row));
    float* outputs[MAX_TILE_ROWS];
    const float* residuals[MAX_TILE_ROWS];
    for (int r = 0; r < rows; ++r) {
      const int64_t place = positionOf(row + r);
      outputs[r] = c_.output + (c_.outputRows ? first_ + row + r : place) * c_.filter->out + panel.first;
      if (c_.residual) residuals[r] = c_.residual + place * c_.filter->out + panel.first;
    }
    Tile tile;
    tile.inputs = pointers_ + row * taps_;
    tile.next = cold && row + 2 * kernels_.tileRows <= rows_ ? tile.inputs + taps_ * kernels_.tileRows : nullptr;
    tile.stride = kernels_.tileRows;
    tile.taps = taps_;
    tile.depth = static_cast<int>(taps_ * c_.shape.channels);
    tile.weights = c_.filter->weights.data() + panel.offset;
    tile.bias = c_.filter->bias.data() + panel.bias;
    tile.columns = panel.columns;
    tile.residuals = c_.residual ? residuals : nullptr;
    tile.relu = c_.relu;
    tile.outputs = outputs;
    if (panel.vectors == 0) {
      kernels_.dots[panel.columns - 1](tile, rows);
    } else {
      kernels_.tile[panel.vectors - 1][rows - 1](tile);
    }
  }

  const Convolution& c_;
  const Kernels& kernels_;
  const float* zeros_;
  int64_t first_;
  int64_t rows_;
  int taps_;
  const float** pointers_;  // [tile][tap][row of the tile]
};

}  // namespace

void convolve(Engine& engine, const Convolution& c) {
  if (c.count == 0) return;
  const int64_t panels = static_cast<int64_t>(c.filter->panels.size());
  const Plan p = plan(c.count, engine.kernels.tileRows, panels, engine.pool.size());
  engine.zeros(c.filter->kernel * c.shape.channels);
  engine.pool.run(p.blocks * p.shares, [&](int64_t task, int thread) {
    const int64_t first = task / p.shares * p.blockRows;
    const int64_t share = task % p.shares;
    const Block block(c, engine, engine.scratch[thread], first, std::min(first + p.blockRows, c.count));
    block.multiply(panels * share / p.shares, panels * (share + 1) / p.shares);
  });
}

}  // namespace stint
