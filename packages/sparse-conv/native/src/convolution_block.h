// A block of output positions of a convolution: where its windows lie, where its results go, and the tiles that fill it.
//
// The rows of a k x k window are k runs of k * C adjacent numbers in an NHWC map, so a window is k pointers, not k^2, and one of them may
// be the zero row where the window leaves the map at the top or the bottom. Windows that leave it at a side are copied and padded.
#pragma once

#include "convolution.h"

namespace stint {

class Block {
 public:
  /** Positions [first, last) of the convolution's list. */
  Block(const Convolution& convolution, const Engine& engine, ThreadScratch& scratch, int64_t first, int64_t last);

  void multiply(int64_t firstPanel, int64_t lastPanel) const;

 private:
  int64_t positionOf(int64_t row) const { return c_.positions ? c_.positions[first_ + row] : first_ + row; }
  void findRows(ThreadScratch& scratch);
  void findWindows(ThreadScratch& scratch);
  void findOutputs(ThreadScratch& scratch);
  void multiplyTile(const Panel& panel, int64_t row, bool cold) const;

  const Convolution& c_;
  const Kernels& kernels_;
  const float* zeros_;
  int64_t first_;
  int64_t rows_;
  int64_t tileRows_;
  int64_t taps_;             // pointers of a window
  const float** pointers_;   // [tile][tap][row of the tile]
  float** outputs_;          // [row]
  const float** residuals_;  // [row], or null
};

}  // namespace stint
