// A program: a list of steps over one arena and a few mask slots, with an engine. Its steps are checked when they are added
// (program_reader.cc), so that running them (program_execution.cc) needs to look at nothing but which masks are set.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "arena.h"
#include "convolution.h"
#include "group_norm.h"
#include "image.h"
#include "interpolation.h"
#include "mask_heads.h"
#include "mask_slot.h"
#include "masks.h"
#include "roi_align.h"

namespace stint {

/** Part of the arena, in floats. */
struct Span {
  int64_t offset;
  int64_t length;
};

constexpr int NO_SLOT = -1;

struct ImageStep {
  size_t image;
  Normalisation normalisation;
  MapShape shape;
  float* output;
};

struct ConvolveStep {
  std::shared_ptr<const Filter> filter;
  Convolution sampled;
  Convolution full;  // where every position of the slot is sampled, or there is no slot
  int at;
};

struct InterpolateStep {
  Interpolation interpolation;
  int mask;
  int where;
  std::vector<float> filter;
};

struct MaskHeadsStep {
  std::shared_ptr<const Filter> taps;
  MaskHeads heads;
  double bias[2];
};

struct DrawMaskStep {
  MaskDraw draw;
  int mask;
  std::vector<double> key;  // the end of the noise's key
  std::vector<int32_t> tile;
};

struct DilateStep {
  Dilation dilation;
  int from;
  int mask;
};

struct MaxPoolStep {
  const float* input;
  MapShape shape;
  float* output;
};

struct UpsampleAddStep {
  const float* coarse;
  int64_t coarseHeight, coarseWidth;
  const float* fine;
  MapShape shape;
  float* output;
};

struct SubsampleStep {
  const float* input;
  MapShape shape;
  int64_t stride;
  float* output;
};

struct MeanPoolStep {
  const float* input;
  MapShape shape;
  float* output;
};

struct UpsampleBilinearStep {
  const float* input;
  int64_t factor;
  MapShape shape;
  const float* residual;
  float* output;
};

struct GroupNormStep {
  GroupNorm norm;
  std::vector<float> scale, shift;
};

struct RoiAlignStep {
  RoiAlign align;
  int at;
};

using Action = std::variant<ImageStep, ConvolveStep, InterpolateStep, MaskHeadsStep, DrawMaskStep, DilateStep, MaxPoolStep,
                            UpsampleAddStep, SubsampleStep, MeanPoolStep, UpsampleBilinearStep, GroupNormStep, RoiAlignStep>;

struct Step {
  std::string name;  // for messages
  int unlessFull;
  Action action;
};

// Steps hold pointers into their own vectors, which moving leaves valid and copying does not.
static_assert(std::is_nothrow_move_constructible_v<Step>, "a growing list of steps would copy them");

/** The image that a run was given. */
struct ImageInput {
  Buffer<uint8_t> bytes;
  int64_t height = 0, width = 0;  // 0: not given
};

struct Program {
  Program(std::shared_ptr<Engine> engine, int64_t floats, size_t images) : engine(std::move(engine)), arena(floats), images(images) {}

  /** After a run: what it was given is not for the next one. */
  void takeBack() {
    for (MaskSlot& slot : slots) slot.given = false;
    for (ImageInput& image : images) image.height = 0;
  }

  /** Instead of a run. */
  void refuse() {
    for (MaskSlot& slot : slots) {
      if (slot.given) slot.forget();
    }
    takeBack();
  }

  int64_t bytes() const {
    int64_t sum = arena.size() * static_cast<int64_t>(sizeof(float));
    for (const MaskSlot& slot : slots) sum += slot.cells() * static_cast<int64_t>(sizeof(uint8_t) + sizeof(int32_t));
    return sum;
  }

  std::shared_ptr<Engine> engine;
  bool running = false;  // looked at and set by the thread of JavaScript only
  Arena arena;
  std::deque<MaskSlot> slots;  // a deque moves nothing
  std::vector<ImageInput> images;
  std::vector<Span> inputs, outputs;
  std::vector<Step> steps;
};

}  // namespace stint
