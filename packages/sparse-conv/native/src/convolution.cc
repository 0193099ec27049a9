// Positions are cut into blocks whose pointers are made once; within a block, a panel of weights is used for as many positions as the
// caches hold. Threads take blocks, or shares of the panels where there are too few blocks.
#include "convolution.h"

#include "convolution_block.h"

namespace stint {
namespace {

constexpr int64_t BLOCK_TILES = 20;  // of a block: enough to use a panel of weights often
constexpr int64_t BLOCK_FLOATS = 1 << 16;  // of the rows of a pointwise convolution: they stay in the L2 cache beside a panel

struct Plan {
  int64_t blockRows;
  int64_t blocks;
  int64_t shares;  // of the panels
};

Plan plan(const Convolution& c, int tileRows, int threads) {
  const int64_t count = c.count, panels = static_cast<int64_t>(c.filter->panels.size());
  int64_t tiles = BLOCK_TILES;
  if (c.filter->kernel == 1) tiles = std::clamp<int64_t>(BLOCK_FLOATS / (c.shape.channels * tileRows), 2, tiles);
  Plan p = {tiles * tileRows, 0, 1};
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

}  // namespace

void convolve(Engine& engine, const Convolution& c) {
  if (c.count == 0) return;
  const int64_t panels = static_cast<int64_t>(c.filter->panels.size());
  const Plan p = plan(c, engine.kernels.tileRows, engine.pool.size());
  engine.zeros(c.filter->kernel * c.shape.channels);
  engine.pool.run(p.blocks * p.shares, [&](int64_t task, int thread) {
    const int64_t first = task / p.shares * p.blockRows;
    const int64_t share = task % p.shares;
    const Block block(c, engine, engine.scratch[thread], first, std::min(first + p.blockRows, c.count));
    block.multiply(panels * share / p.shares, panels * (share + 1) / p.shares);
  });
}

}  // namespace stint
