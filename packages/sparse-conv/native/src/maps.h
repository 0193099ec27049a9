// What networks need besides: max pooling of the stem, nearest up-sampling and subsampling of the feature pyramid, the mean before a
// classifier.
#pragma once

#include "engine.h"

namespace stint {

/** 3x3, stride 2, padding 1 (which never wins): [N,H,W,C] -> [N,H',W',C]. */
void maxPool(Engine& engine, const float* input, const MapShape& shape, float* output);

/** output = fine + coarse at index floor(i h / H). `shape` is that of fine and output; they may be the same array. */
void upsampleAdd(Engine& engine, const float* coarse, int64_t coarseHeight, int64_t coarseWidth, const float* fine, const MapShape& shape,
                 float* output);

/** Every stride-th row and column: [N,H,W,C] -> [N,H',W',C]. */
void subsample(Engine& engine, const float* input, const MapShape& shape, int64_t stride, float* output);

/** [N,H,W,C] -> [N,C]. */
void meanPool(Engine& engine, const float* input, const MapShape& shape, float* output);

}  // namespace stint
