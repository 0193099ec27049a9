// One of a program's masks: drawn, dilated or given, then read by other steps.
#pragma once

#include <cstdint>

#include "buffer.h"

namespace stint {

/** A mask [N,H,W] as bytes 0 or 1 and as its ascending positions, with memory for the fullest. */
class MaskSlot {
 public:
  MaskSlot(int64_t batch, int64_t height, int64_t width) : batch(batch), height(height), width(width) {
    mask.reserve(cells());
    positions.reserve(cells());
  }

  int64_t cells() const { return batch * height * width; }
  bool isSet() const { return count != UNSET; }
  bool isFull() const { return count == cells(); }
  void forget() { count = UNSET; }

  /** Copies a mask (not 0: sampled), which then stands in place of what steps would draw until it is taken back. */
  void give(const uint8_t* values) {
    count = 0;
    for (int64_t i = 0; i < cells(); ++i) {
      mask.data()[i] = values[i] != 0;
      positions.data()[count] = static_cast<int32_t>(i);
      count += mask.data()[i];
    }
    given = true;
  }

  const int64_t batch, height, width;
  Buffer<uint8_t> mask;
  Buffer<int32_t> positions;
  int64_t count = UNSET;
  bool given = false;

  static constexpr int64_t UNSET = -1;
};

}  // namespace stint
