// The operations of an engine: arguments in order, checked, handed to the drivers. src/native/binding.ts declares the same lists.
#include <napi.h>

#include <cmath>

#include "arguments.h"
#include "convolution.h"
#include "interpolation.h"
#include "maps.h"
#include "mask_heads.h"
#include "masks.h"
#include "objects.h"

namespace stint {
namespace {

constexpr int64_t MAX_STRIDE = 16;
constexpr int64_t MAX_TILE = 1024;
constexpr double MAX_WHOLE = 9007199254740991;  // Number.MAX_SAFE_INTEGER

const Filter& filterFor(const Engine& engine, Arguments& arguments, const char* name) {
  const Filter& filter = arguments.object<FilterObject>(name).filter();
  if (&filter.kernels != &engine.kernels) arguments.fail(name, "was packed for another instruction set");
  return filter;
}

int64_t cellsAt(const MapShape& shape, int stride) {
  return shape.batch * outputSize(shape.height, stride) * outputSize(shape.width, stride);
}

}  // namespace

Napi::Value EngineObject::convolve(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "convolve", [&] {
    Arguments arguments(info, "convolve");
    Convolution c;
    c.filter = &filterFor(*engine_, arguments, "filter");
    c.shape = arguments.shape("shape");
    if (c.shape.channels != c.filter->in) arguments.outOfRange("shape", "has not the filter's input channels");
    c.stride = static_cast<int>(arguments.integer("stride", 1, MAX_STRIDE));
    const int64_t cells = cellsAt(c.shape, c.stride);
    c.count = cells;
    if (!arguments.absent()) c.positions = arguments.positions("positions", cells, c.count);
    c.inputRows = arguments.flag("inputRows");
    if (c.inputRows && (c.filter->kernel != 1 || c.stride != 1)) arguments.outOfRange("inputRows", "needs kernel 1 and stride 1");
    c.input = arguments.floats("input", (c.inputRows ? c.count : c.shape.cells()) * c.filter->in);
    if (!arguments.absent()) c.residual = arguments.floats("residual", cells * c.filter->out);
    c.relu = arguments.flag("relu");
    c.outputRows = arguments.flag("outputRows");
    c.output = arguments.output<float>("output", (c.outputRows ? c.count : cells) * c.filter->out, c.outputRows ? nullptr : c.residual);
    stint::convolve(*engine_, c);
    return info.Env().Undefined();
  });
}

Napi::Value EngineObject::interpolate(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "interpolate", [&] {
    Arguments arguments(info, "interpolate");
    Interpolation in;
    in.shape = arguments.shape("shape");
    const int64_t cells = in.shape.cells();
    in.features = arguments.floats("features", cells * in.shape.channels);
    in.mask = arguments.bytes("mask", cells);
    in.fill = static_cast<Fill>(arguments.integer("kind", 0, static_cast<int64_t>(Fill::zeros)));
    in.window = static_cast<int>(arguments.integer("window", 1, MAX_WINDOW));
    if (in.window % 2 == 0) arguments.outOfRange("window", "is even; give an odd one");
    in.sigma = arguments.number("sigma");
    if (!arguments.absent()) in.filter = arguments.floats("filter", in.window * in.window * in.shape.channels);
    if ((in.fill == Fill::convolution) != (in.filter != nullptr)) arguments.fail("filter", "is given for a convolution, and only for it");
    if (!arguments.absent()) in.where = arguments.bytes("where", cells);
    if (!arguments.absent()) in.residual = arguments.floats("residual", cells * in.shape.channels);
    in.relu = arguments.flag("relu");
    const bool finishes = in.residual || in.relu;  // then a written position is no longer the feature its neighbours need
    in.output = arguments.output<float>("output", cells * in.shape.channels, finishes ? in.residual : in.features);
    stint::interpolate(*engine_, in);
    return info.Env().Undefined();
  });
}

Napi::Value EngineObject::maskHeads(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "maskHeads", [&] {
    Arguments arguments(info, "maskHeads");
    MaskHeads heads;
    heads.taps = &filterFor(*engine_, arguments, "heads");
    heads.shape = arguments.shape("shape");
    if (heads.taps->kernel != 1 || heads.taps->out != 18 || heads.taps->in != heads.shape.channels) {
      arguments.outOfRange("heads", "is not a 1x1 filter from the input's channels to 18");
    }
    heads.input = arguments.floats("input", heads.shape.cells() * heads.shape.channels);
    for (int i = 0; i < 2; ++i) {
      heads.bias[i] = arguments.number("bias");
      heads.stride[i] = static_cast<int>(arguments.integer("stride", 1, MAX_STRIDE));
      heads.probability[i] = arguments.output<float>(i == 0 ? "probability1" : "probability2", cellsAt(heads.shape, heads.stride[i]));
    }
    stint::maskHeads(*engine_, heads);
    return info.Env().Undefined();
  });
}

Napi::Value EngineObject::drawMask(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "drawMask", [&]() -> Napi::Value {
    Arguments arguments(info, "drawMask");
    MaskDraw draw;
    const MapShape shape = arguments.shape("shape");
    draw.batch = shape.batch;
    draw.height = shape.height;
    draw.width = shape.width;
    draw.draw = static_cast<Draw>(arguments.integer("kind", 0, static_cast<int64_t>(Draw::blueNoise)));
    if (!arguments.absent()) draw.probability = arguments.floats("probability", shape.cells());
    if (!draw.probability && draw.draw != Draw::random) arguments.fail("probability", "is missing");
    draw.density = arguments.number("density");
    draw.key = arguments.doubles("key", draw.keyLength);
    for (int64_t i = 0; i < draw.keyLength; ++i) {
      if (!(std::fabs(draw.key[i]) <= MAX_WHOLE)) arguments.outOfRange("key", "holds something that is not a whole number");
    }
    draw.tileSize = arguments.integer("tileSize", 0, MAX_TILE);
    if (!arguments.absent()) draw.tile = arguments.integers("tile", draw.tileSize * draw.tileSize);
    if (draw.draw == Draw::blueNoise && (!draw.tile || draw.tileSize == 0)) arguments.fail("tile", "is missing");
    draw.interval = arguments.integer("interval", 0, INT32_MAX);
    draw.mask = arguments.output<uint8_t>("output.mask", shape.cells());
    draw.positions = arguments.output<int32_t>("output.positions", shape.cells());
    return Napi::Number::New(info.Env(), static_cast<double>(stint::drawMask(*engine_, draw)));
  });
}

Napi::Value EngineObject::dilate(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "dilate", [&]() -> Napi::Value {
    Arguments arguments(info, "dilate");
    Dilation dilation;
    const MapShape shape = arguments.shape("shape");
    dilation.batch = shape.batch;
    dilation.height = shape.height;
    dilation.width = shape.width;
    dilation.kernel = static_cast<int>(arguments.integer("kernel", 1, 15));
    dilation.stride = static_cast<int>(arguments.integer("stride", 1, MAX_STRIDE));
    dilation.outputs = arguments.positions("positions", cellsAt(shape, dilation.stride), dilation.count);
    dilation.mask = arguments.output<uint8_t>("output.mask", shape.cells());
    dilation.positions = arguments.output<int32_t>("output.positions", shape.cells());
    return Napi::Number::New(info.Env(), static_cast<double>(stint::dilate(dilation)));
  });
}

Napi::Value EngineObject::maxPool(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "maxPool3x3", [&] {
    Arguments arguments(info, "maxPool3x3");
    const MapShape shape = arguments.shape("shape");
    const float* input = arguments.floats("input", shape.cells() * shape.channels);
    float* output = arguments.output<float>("output", cellsAt(shape, 2) * shape.channels);
    stint::maxPool(*engine_, input, shape, output);
    return info.Env().Undefined();
  });
}

Napi::Value EngineObject::upsampleAdd(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "upsampleAdd", [&] {
    Arguments arguments(info, "upsampleAdd");
    const MapShape shape = arguments.shape("shape");
    const int64_t height = arguments.integer("coarse height", 1, shape.height);
    const int64_t width = arguments.integer("coarse width", 1, shape.width);
    const float* coarse = arguments.floats("coarse", shape.batch * height * width * shape.channels);
    const float* fine = arguments.floats("fine", shape.cells() * shape.channels);
    float* output = arguments.output<float>("output", shape.cells() * shape.channels, fine);
    stint::upsampleAdd(*engine_, coarse, height, width, fine, shape, output);
    return info.Env().Undefined();
  });
}

}  // namespace stint
