// The operations of an engine: arguments in order, checked, handed to the drivers. src/native/binding.ts declares the same lists.
// Those of whole maps are in map_operations.cc.
#include <napi.h>

#include "arguments.h"
#include "convolution.h"
#include "interpolation.h"
#include "mask_heads.h"
#include "masks.h"
#include "objects.h"
#include "operands.h"

namespace stint {
Napi::Value EngineObject::convolve(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "convolve", [&] {
    Arguments arguments(info, "convolve");
    Engine& engine = idle(arguments);
    Convolution c;
    const auto filter = filterFor(engine, arguments, "filter");
    c.filter = filter.get();
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
    c.output = arguments.output<float>("output", (c.outputRows ? c.count : cells) * c.filter->out, c.outputRows ? nullptr : "residual");
    stint::convolve(engine, c);
    return info.Env().Undefined();
  });
}

Napi::Value EngineObject::interpolate(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "interpolate", [&] {
    Arguments arguments(info, "interpolate");
    Engine& engine = idle(arguments);
    Interpolation in;
    in.shape = arguments.shape("shape");
    const int64_t cells = in.shape.cells();
    in.features = arguments.floats("features", cells * in.shape.channels);
    in.mask = arguments.bytes("mask", cells);
    in.fill = static_cast<Fill>(arguments.integer("kind", 0, static_cast<int64_t>(Fill::zeros)));
    in.window = oddInteger(arguments, "window", MAX_WINDOW);
    in.sigma = static_cast<float>(arguments.number("sigma"));
    if (!arguments.absent()) in.filter = arguments.floats("filter", in.window * in.window * in.shape.channels);
    if ((in.fill == Fill::convolution) != (in.filter != nullptr)) arguments.fail("filter", "is given for a convolution, and only for it");
    if (!arguments.absent()) in.where = arguments.bytes("where", cells);
    if (!arguments.absent()) in.residual = arguments.floats("residual", cells * in.shape.channels);
    in.relu = arguments.flag("relu");
    const bool finishes = in.residual || in.relu;  // then a written position is no longer the feature its neighbours need
    in.output = arguments.output<float>("output", cells * in.shape.channels, finishes ? "residual" : "features");
    stint::interpolate(engine, in);
    return info.Env().Undefined();
  });
}

Napi::Value EngineObject::maskHeads(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "maskHeads", [&] {
    Arguments arguments(info, "maskHeads");
    Engine& engine = idle(arguments);
    MaskHeads heads;
    const auto taps = filterFor(engine, arguments, "heads");
    heads.taps = taps.get();
    heads.shape = arguments.shape("shape");
    expectHeads(arguments, *taps, heads.shape);
    heads.input = arguments.floats("input", heads.shape.cells() * heads.shape.channels);
    for (int i = 0; i < 2; ++i) {
      heads.bias[i] = static_cast<float>(arguments.number("bias"));
      heads.stride[i] = static_cast<int>(arguments.integer("stride", 1, MAX_STRIDE));
      heads.probability[i] = arguments.output<float>(i == 0 ? "probability1" : "probability2", cellsAt(heads.shape, heads.stride[i]));
    }
    stint::maskHeads(engine, heads);
    return info.Env().Undefined();
  });
}

Napi::Value EngineObject::drawMask(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "drawMask", [&]() -> Napi::Value {
    Arguments arguments(info, "drawMask");
    Engine& engine = idle(arguments);
    MaskDraw draw;
    const MapShape shape = arguments.shape("shape");
    draw.batch = shape.batch;
    draw.height = shape.height;
    draw.width = shape.width;
    draw.draw = static_cast<Draw>(arguments.integer("kind", 0, static_cast<int64_t>(Draw::blueNoise)));
    if (!arguments.absent()) draw.probability = arguments.floats("probability", shape.cells());
    if (!draw.probability && draw.draw != Draw::random) arguments.fail("probability", "is missing");
    draw.density = static_cast<float>(arguments.number("density"));
    draw.key = keyOf(arguments, draw.keyLength);
    draw.tileSize = arguments.integer("tileSize", 0, MAX_TILE);
    if (!arguments.absent()) draw.tile = arguments.integers("tile", draw.tileSize * draw.tileSize);
    if (draw.draw == Draw::blueNoise && (!draw.tile || draw.tileSize == 0)) arguments.fail("tile", "is missing");
    draw.interval = arguments.integer("interval", 0, INT32_MAX);
    draw.mask = arguments.output<uint8_t>("output.mask", shape.cells());
    draw.positions = arguments.output<int32_t>("output.positions", shape.cells());
    return Napi::Number::New(info.Env(), static_cast<double>(stint::drawMask(engine, draw)));
  });
}

Napi::Value EngineObject::dilate(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "dilate", [&]() -> Napi::Value {
    Arguments arguments(info, "dilate");
    idle(arguments);
    Dilation dilation;
    const MapShape shape = arguments.shape("shape");
    dilation.batch = shape.batch;
    dilation.height = shape.height;
    dilation.width = shape.width;
    dilation.kernel = static_cast<int>(arguments.integer("kernel", 1, MAX_KERNEL));
    dilation.stride = static_cast<int>(arguments.integer("stride", 1, MAX_STRIDE));
    dilation.outputs = arguments.positions("positions", cellsAt(shape, dilation.stride), dilation.count);
    dilation.mask = arguments.output<uint8_t>("output.mask", shape.cells());
    dilation.positions = arguments.output<int32_t>("output.positions", shape.cells());
    return Napi::Number::New(info.Env(), static_cast<double>(stint::dilate(dilation)));
  });
}

}  // namespace stint
