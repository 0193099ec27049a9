// RoIAlign over a feature pyramid. He et al. 2017 (Mask R-CNN), section 3; Lin et al. 2017 (FPN), equation 1; the rules of torchvision
// with aligned = false, as packages/detection-head/src/ops has them.
#pragma once

#include <vector>

#include "engine.h"

namespace stint {

struct RoiLevel {
  const float* input;  // [1,H,W,C]
  MapShape shape;
  int64_t stride;  // pixels a cell
};

struct RoiAlign {
  std::vector<RoiLevel> levels;  // the finest first, each stride twice the one before
  const float* rois;             // [count,4]: x1, y1, x2, y2 in pixels
  int64_t count;
  int size;           // bins along each axis
  int samplingRatio;  // samples along each axis of a bin; 0: as many as the bin has cells
  float* output;      // [count,size,size,C]
};

void roiAlign(Engine& engine, const RoiAlign& align);

}  // namespace stint
