#include "rbf.h"

#include <cmath>

namespace stint {
namespace {

constexpr int PATTERNS = 1 << 9;

/** The nearest first; cells that would not be noticed even alone in a window are left out. */
std::vector<Ring> ringsOf(int window, double sigma) {
  const int radius = window / 2;
  std::vector<Ring> rings;
  for (int squared = 1; squared <= 2 * radius * radius; ++squared) {
    const double weight = sigma * sigma / (2 * M_PI) * std::exp(-sigma * sigma / 2 * squared);
    Ring ring = {0, static_cast<float>(weight), 0};
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

Neighbours neighboursOf(const std::vector<Ring>& rings, int window, int pattern) {
  Neighbours near = {};
  float sum = 0;
  size_t visited = 0;
  // Only the first two rings, distances 1 and sqrt(2), lie within the 3 x 3 cells.
  for (; visited < rings.size() && visited < 2 && rings[visited].rest > static_cast<float>(NOTICE) * sum; ++visited) {
    for (int cell = 0; cell < 9; ++cell) {
      const int place = (window / 2 - 1 + cell / 3) * window + window / 2 - 1 + cell % 3;
      if (!(pattern >> cell & 1) || !(rings[visited].cells >> place & 1)) continue;
      near.cells[near.count] = static_cast<uint8_t>(cell);
      near.weights[near.count++] = rings[visited].weight;
      sum += rings[visited].weight;
    }
  }
  near.enough = visited == rings.size() || rings[visited].rest <= static_cast<float>(NOTICE) * sum;
  const float scale = 1 / (sum + static_cast<float>(EPSILON));
  for (int i = 0; i < near.count; ++i) near.weights[i] *= scale;
  return near;
}

}  // namespace

Rbf::Rbf(int window, float sigma) : rings_(ringsOf(window, sigma)) {
  if (window == 1) return;  // only the centre: nothing to look up
  neighbours_.reserve(PATTERNS);
  for (int pattern = 0; pattern < PATTERNS; ++pattern) neighbours_.push_back(neighboursOf(rings_, window, pattern & ~(1 << CENTRE)));
}

}  // namespace stint
