// The Gaussian kernel of the interpolation, prepared once for a window and a sigma. Paper, section 3.2:
//   K(d) = sigma^2 / (2 pi) exp(-sigma^2 / 2 d^2).
// It falls so fast that at the paper's sigma of 3 a neighbour at distance 1 outweighs all cells from distance 2 on 100,000 times. So rings of
// equal distance are visited from the nearest on, and left when what all farther ones could add is below notice; and where the eight
// neighbours decide alone, their weights are looked up by which of them are sampled.
#pragma once

#include <cstdint>
#include <vector>

namespace stint {

constexpr int MAX_WINDOW = 7;
constexpr double EPSILON = 1e-5;  // of the normalisation, as in the reference

/** Share of an interpolated value below which cells are left out: a convolution's sum of 1,000 float32 products is as far from exact. */
constexpr double NOTICE = 0x1p-17;

/** Cells of the window at one distance from its centre; bit row * window + column. */
struct Ring {
  uint64_t cells;
  float weight;  // of each cell
  float rest;    // weight of all cells of this ring and the farther ones together
};

/** Normalised weights for one pattern of sampled neighbours in the 3 x 3 cells around the centre. */
struct Neighbours {
  static constexpr int MAX = 8;
  float weights[MAX];
  uint8_t cells[MAX];  // 3 * row + column
  uint8_t count;
  bool enough;  // no farther cell would be noticed
};

class Rbf {
 public:
  static constexpr int CENTRE = 4;

  Rbf(int window, float sigma);

  const std::vector<Ring>& rings() const { return rings_; }
  /** @param pattern nine bits, the centre's 0. */
  const Neighbours& neighbours(uint64_t pattern) const { return neighbours_[pattern]; }

 private:
  std::vector<Ring> rings_;
  std::vector<Neighbours> neighbours_;
};

}  // namespace stint
