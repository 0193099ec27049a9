// The operations of whole maps: arguments in order, checked, handed to the drivers. src/native/binding.ts declares the same lists.
#include <napi.h>

#include "arguments.h"
#include "image.h"
#include "maps.h"
#include "objects.h"
#include "operands.h"
#include "roi_align.h"

namespace stint {

Napi::Value EngineObject::maxPool(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "maxPool3x3", [&] {
    Arguments arguments(info, "maxPool3x3");
    Engine& engine = idle(arguments);
    const MapShape shape = arguments.shape("shape");
    const float* input = arguments.floats("input", shape.cells() * shape.channels);
    float* output = arguments.output<float>("output", cellsAt(shape, 2) * shape.channels);
    stint::maxPool(engine, input, shape, output);
    return info.Env().Undefined();
  });
}

Napi::Value EngineObject::upsampleAdd(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "upsampleAdd", [&] {
    Arguments arguments(info, "upsampleAdd");
    Engine& engine = idle(arguments);
    const MapShape shape = arguments.shape("shape");
    const int64_t height = arguments.integer("coarseSize[0]", 1, shape.height);
    const int64_t width = arguments.integer("coarseSize[1]", 1, shape.width);
    const float* coarse = arguments.floats("coarse", shape.batch * height * width * shape.channels);
    const float* fine = arguments.floats("fine", shape.cells() * shape.channels);
    float* output = arguments.output<float>("output", shape.cells() * shape.channels, "fine");
    stint::upsampleAdd(engine, coarse, height, width, fine, shape, output);
    return info.Env().Undefined();
  });
}

Napi::Value EngineObject::subsample(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "subsample", [&] {
    Arguments arguments(info, "subsample");
    Engine& engine = idle(arguments);
    const MapShape shape = arguments.shape("shape");
    const int64_t stride = arguments.integer("stride", 1, MAX_STRIDE);
    const float* input = arguments.floats("input", shape.cells() * shape.channels);
    float* output = arguments.output<float>("output", cellsAt(shape, stride) * shape.channels);
    stint::subsample(engine, input, shape, stride, output);
    return info.Env().Undefined();
  });
}

Napi::Value EngineObject::meanPool(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "meanPool", [&] {
    Arguments arguments(info, "meanPool");
    Engine& engine = idle(arguments);
    const MapShape shape = arguments.shape("shape");
    const float* input = arguments.floats("input", shape.cells() * shape.channels);
    float* output = arguments.output<float>("output", shape.batch * shape.channels);
    stint::meanPool(engine, input, shape, output);
    return info.Env().Undefined();
  });
}

Napi::Value EngineObject::upsampleBilinear(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "upsampleBilinear", [&] {
    Arguments arguments(info, "upsampleBilinear");
    Engine& engine = idle(arguments);
    const MapShape shape = arguments.shape("shape");
    const int64_t factor = arguments.integer("factor", 1, MAX_FACTOR);
    const int64_t length = shape.cells() * shape.channels;
    const float* input = arguments.floats("input", upsampledFrom(shape, factor));
    const float* residual = arguments.absent() ? nullptr : arguments.floats("residual", length);
    float* output = arguments.output<float>("output", length, "residual");
    stint::upsampleBilinear(engine, input, factor, shape, residual, output);
    return info.Env().Undefined();
  });
}

Napi::Value EngineObject::groupNorm(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "groupNorm", [&] {
    Arguments arguments(info, "groupNorm");
    Engine& engine = idle(arguments);
    GroupNorm norm = groupNormOf(arguments);
    norm.scale = arguments.floats("scale", norm.shape.channels);
    norm.shift = arguments.floats("shift", norm.shape.channels);
    const int64_t length = norm.shape.cells() * norm.shape.channels;
    norm.input = arguments.floats("input", length);
    norm.output = arguments.output<float>("output", length, "input");
    stint::groupNorm(engine, norm);
    return info.Env().Undefined();
  });
}

Napi::Value EngineObject::roiAlign(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "roiAlign", [&] {
    Arguments arguments(info, "roiAlign");
    Engine& engine = idle(arguments);
    RoiAlign align;
    align.size = static_cast<int>(arguments.integer("size", 1, MAX_BINS));
    align.samplingRatio = static_cast<int>(arguments.integer("samplingRatio", 0, MAX_BINS));
    align.count = arguments.integer("rois", 0, MAX_ROIS);
    align.rois = arguments.floats("rois", 4 * align.count);
    const int64_t levels = arguments.integer("levels", 1, MAX_LEVELS);
    for (int64_t i = 0; i < levels; ++i) {
      const RoiLevel level = roiLevel(arguments, align.levels);
      const float* input = arguments.floats(arguments.element("levels", i, ".input"), level.shape.cells() * level.shape.channels);
      align.levels.push_back({input, level.shape, level.stride});
    }
    align.output = arguments.output<float>("output", align.count * align.size * align.size * align.levels[0].shape.channels);
    stint::roiAlign(engine, align);
    return info.Env().Undefined();
  });
}

Napi::Value EngineObject::normaliseImage(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "normaliseImage", [&] {
    Arguments arguments(info, "normaliseImage");
    Engine& engine = idle(arguments);
    const MapShape shape = imageShape(arguments);
    const Normalisation normalisation = normalisationOf(arguments);
    const int64_t height = arguments.integer("height", 1, shape.height), width = arguments.integer("width", 1, shape.width);
    const uint8_t* image = arguments.bytes("image", height * width * shape.channels);
    float* output = arguments.output<float>("output", shape.cells() * shape.channels);
    stint::normaliseImage(engine, normalisation, {image, height, width}, shape, output);
    return info.Env().Undefined();
  });
}

}  // namespace stint
