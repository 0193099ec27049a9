// Masks at inference: drawing them, and which inputs the drawn outputs need. Paper, sections 3.1 and 3.3.
#pragma once

#include "engine.h"

namespace stint {

enum class Draw { stochastic, deterministic, random, blueNoise };

struct MaskDraw {
  Draw draw;
  int64_t batch, height, width;
  const float* probability = nullptr;  // [N,H,W]; all but random
  float density = 0;                   // random
  const double* key = nullptr;         // whole numbers; all but deterministic
  int64_t keyLength = 0;
  const int32_t* tile = nullptr;  // blueNoise: ranks 0 .. size^2 - 1, [size,size]
  int64_t tileSize = 0;
  int64_t interval = 0;  // of the grid prior; 0: none
  uint8_t* mask;         // [N,H,W]: 0 or 1
  int32_t* positions;    // [N H W]; the first ones are written
};

/** Returns the number of positions. The masks of `sampleMask` in @stint/core-sampling, number by number. */
int64_t drawMask(Engine& engine, const MaskDraw& draw);

struct Dilation {
  int64_t batch, height, width;  // of the input map
  int kernel;
  int stride;
  const int32_t* outputs;  // positions on the output map, in range
  int64_t count;
  uint8_t* mask;       // [N,H,W]
  int32_t* positions;  // [N H W]
};

/** The inputs that the windows of the given outputs read; returns their number. */
int64_t dilate(const Dilation& dilation);

}  // namespace stint
