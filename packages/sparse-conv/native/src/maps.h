// What networks need besides: max pooling of the stem, nearest up-sampling and subsampling of the feature pyramid, bilinear up-sampling of
// segmentation heads, the mean before a classifier.
#pragma once

#include "engine.h"

namespace stint {

/** 3x3, stride 2, padding 1 (which never wins): [N,H,W,C] -> [N,H',W',C]. */
void maxPool(Engine& engine, const float* input, const MapShape& shape, float* output);

/** output = fine + coarse at index floor(i h / H). `shape` is that of fine and output; they may be the same array. */
void upsampleAdd(Engine& engine, const float* coarse, int64_t coarseHeight, int64_t coarseWidth, const float* fine, const MapShape& shape,
                 float* output);

/** The least whole number that is at least a / b. */
inline int64_t ceiledQuotient(int64_t a, int64_t b) { return (a + b - 1) / b; }

/**
 * Bilinear, pixels' centres at half, by a whole factor, cut at the right and the bottom: [N,ceil(H / factor),ceil(W / factor),C] -> [N,H,W,C],
 * plus `residual` where there is one, which may be the output. `shape` is that of the output.
 */
void upsampleBilinear(Engine& engine, const float* input, int64_t factor, const MapShape& shape, const float* residual, float* output);

/** Every stride-th row and column: [N,H,W,C] -> [N,H',W',C]. */
void subsample(Engine& engine, const float* input, const MapShape& shape, int64_t stride, float* output);

/** [N,H,W,C] -> [N,C]. */
void meanPool(Engine& engine, const float* input, const MapShape& shape, float* output);

}  // namespace stint
