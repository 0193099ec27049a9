// Positions are cut into blocks whose pointers are made once; within a block, a panel of weights is used for as many positions as the
// caches hold. Threads take blocks, or shares of the panels where there are too few blocks.
#include "convolution.h"

#include "convolution_block.h"

namespace stint {
namespace {

constexpr int64_t BLOCK_TILES = 20;  // of a block: enough to use a panel of weights often
constexpr int64_t BLOCK_FLOATS = 1 << 16;  // of the rows of a pointwise convolution: they stay in the L2 cache beside a panel

// With more idle time than this at the end, because a few tiles cannot be shared out evenly, threads share the panels instead.
constexpr int64_t IDLE_SHARE = 20;  // a twentieth

struct Plan {
  int64_t tiles;   // of the whole convolution
  int64_t blocks;  // of adjacent tiles, as many in each as in any other, or one more
  int64_t shares;  // of the panels
};

Plan plan(const Convolution& c, int tileRows, int threads) {
  const int64_t panels = static_cast<int64_t>(c.filter->panels.size());
  int64_t blockTiles = BLOCK_TILES;
  if (c.filter->kernel == 1) blockTiles = std::clamp<int64_t>(BLOCK_FLOATS / (c.shape.channels * tileRows), 2, blockTiles);
  const int64_t tiles = (c.count + tileRows - 1) / tileRows;
  Plan p = {tiles, (tiles + blockTiles - 1) / blockTiles, 1};
  const int64_t idle = (threads - tiles % threads) % threads;
  if (idle * IDLE_SHARE > tiles && panels >= threads) {
    p.shares = threads;
  } else {
    if (tiles < threads) p.shares = std::min<int64_t>(panels, (threads + tiles - 1) / tiles);
    p.blocks = std::min(tiles, (p.blocks + threads - 1) / threads * threads);
  }
  return p;
}

}  // namespace

void convolve(Engine& engine, const Convolution& c) {
  if (c.count == 0) return;
  const int64_t panels = static_cast<int64_t>(c.filter->panels.size());
  const int tileRows = engine.kernels.tileRows;
  const Plan p = plan(c, tileRows, engine.pool.size());
  engine.zeros(c.filter->kernel * c.shape.channels);
  engine.pool.run(p.blocks * p.shares, [&](int64_t task, int thread) {
    auto firstRow = [&](int64_t block) { return std::min(p.tiles * block / p.blocks * tileRows, c.count); };
    const int64_t block = task / p.shares, share = task % p.shares;
    Block(c, engine, engine.scratch[thread], firstRow(block), firstRow(block + 1))
        .multiply(panels * share / p.shares, panels * (share + 1) / p.shares);
  });
}

}  // namespace stint
