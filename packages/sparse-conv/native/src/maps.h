// What a detector needs besides: max pooling of the stem, nearest up-sampling of the feature pyramid.
#pragma once

#include "engine.h"

namespace stint {

/** 3x3, stride 2, padding 1 (which never wins): [N,H,W,C] -> [N,H',W',C]. */
void maxPool(Engine& engine, const float* input, const MapShape& shape, float* output);

/** output = fine + coarse at index floor(i h / H). `shape` is that of fine and output; they may be the same array. */
void upsampleAdd(Engine& engine, const float* coarse, int64_t coarseHeight, int64_t coarseWidth, const float* fine, const MapShape& shape,
                 float* output);

}  // namespace stint
