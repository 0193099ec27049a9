// Limits and checks that the operations and the steps of programs share.
#pragma once

#include <cmath>
#include <memory>

#include "arguments.h"
#include "group_norm.h"
#include "image.h"
#include "maps.h"
#include "objects.h"
#include "roi_align.h"

namespace stint {

constexpr int64_t MAX_STRIDE = 16;
constexpr int64_t MAX_KERNEL = 15;
constexpr int64_t MAX_TILE = 1024;
constexpr int64_t MAX_FACTOR = 1024;
constexpr int64_t MAX_BINS = 64;
constexpr int64_t MAX_ROIS = 1 << 24;
constexpr int64_t MAX_IMAGE_SIDE = 1 << 24;
constexpr int64_t MAX_LEVELS = 16;
constexpr int64_t MAX_LEVEL_STRIDE = 1 << 20;
constexpr double MAX_WHOLE = 9007199254740991;  // Number.MAX_SAFE_INTEGER

inline std::shared_ptr<const Filter> filterFor(const Engine& engine, Arguments& arguments, const char* name) {
  std::shared_ptr<const Filter> filter = arguments.object<FilterObject>(name).filter();
  if (&filter->kernels != &engine.kernels) arguments.fail(name, "was packed for another instruction set");
  return filter;
}

/** Positions of the output of a convolution. */
inline int64_t cellsAt(const MapShape& shape, int64_t stride) {
  return shape.batch * outputSize(shape.height, stride) * outputSize(shape.width, stride);
}

/** Floats of the map that a bilinear up-sampling to `shape` reads. */
inline int64_t upsampledFrom(const MapShape& shape, int64_t factor) {
  return shape.batch * ceiledQuotient(shape.height, factor) * ceiledQuotient(shape.width, factor) * shape.channels;
}

/** Shape, groups and ReLU of a group norm; arrays are still to be read. */
inline GroupNorm groupNormOf(Arguments& arguments) {
  GroupNorm norm = {};
  norm.shape = arguments.shape("shape");
  norm.groups = arguments.integer("groups", 1, norm.shape.channels);
  if (norm.shape.channels % norm.groups != 0) arguments.outOfRange("groups", "do not divide the channels");
  norm.relu = arguments.flag("relu");
  return norm;
}

inline void expectHeads(const Arguments& arguments, const Filter& heads, const MapShape& shape) {
  if (heads.kernel != 1 || heads.out != 18 || heads.in != shape.channels) {
    arguments.outOfRange("heads", "is not a 1x1 filter from the input's channels to 18");
  }
}

/** A window's side. */
inline int oddInteger(Arguments& arguments, const char* name, int64_t high) {
  const int64_t value = arguments.integer(name, 1, high);
  if (value % 2 == 0) arguments.outOfRange(name, "is even; give an odd one");
  return static_cast<int>(value);
}

/** Whole numbers that name noise. */
inline const double* keyOf(Arguments& arguments, int64_t& length) {
  const double* key = arguments.doubles("key", length);
  for (int64_t i = 0; i < length; ++i) {
    if (!(std::fabs(key[i]) <= MAX_WHOLE)) arguments.outOfRange("key", "holds something that is not a whole number");
  }
  return key;
}

/** A pyramid level's shape and stride, which must go on from the levels before; its input is still to be read. */
inline RoiLevel roiLevel(Arguments& arguments, const std::vector<RoiLevel>& before) {
  const int64_t index = static_cast<int64_t>(before.size());
  const char* shape = arguments.element("levels", index, ".shape");
  const char* stride = arguments.element("levels", index, ".stride");
  RoiLevel level = {nullptr, arguments.shape(shape), 0};
  level.stride = arguments.integer(stride, 1, MAX_LEVEL_STRIDE);
  if (level.shape.batch != 1) arguments.outOfRange(shape, "is of more than one image");
  if (before.empty()) return level;
  if (level.shape.channels != before[0].shape.channels) arguments.outOfRange(shape, "has not the first level's channels");
  if (level.stride != 2 * before.back().stride) arguments.outOfRange(stride, "is not twice the one before");
  return level;
}

/** [1,H,W,3]. */
inline MapShape imageShape(Arguments& arguments) {
  const MapShape shape = arguments.shape("shape");
  if (shape.batch != 1 || shape.channels != 3) arguments.outOfRange("shape", "is not that of one image of 3 channels");
  return shape;
}

inline Normalisation normalisationOf(Arguments& arguments) {
  double mean[3], std[3];
  for (int i = 0; i < 3; ++i) mean[i] = arguments.number(arguments.element("mean", i));
  for (int i = 0; i < 3; ++i) std[i] = arguments.number(arguments.element("std", i));
  return Normalisation(mean, std);
}

}  // namespace stint
