#include "program_reader.h"

#include "operands.h"
#include "step_fields.h"

namespace stint {
namespace {

/** One step's arguments and the place they are read for. */
struct Reader {
  Program& program;
  Arguments& arguments;
  StepFields fields{program, arguments};

  ImageStep image() {
    if (program.images.empty()) arguments.outOfRange("image", "is one of a program without images");
    const size_t image = arguments.integer("image", 0, static_cast<int64_t>(program.images.size()) - 1);
    const MapShape shape = imageShape(arguments);
    const Normalisation normalisation = normalisationOf(arguments);
    return {image, normalisation, shape, fields.output("output", shape.cells() * shape.channels)};
  }

  ConvolveStep convolve() {
    ConvolveStep step;
    step.filter = filterFor(*program.engine, arguments, "filter");
    Convolution c;
    c.filter = step.filter.get();
    c.shape = arguments.shape("shape");
    if (c.shape.channels != c.filter->in) arguments.outOfRange("shape", "has not the filter's input channels");
    c.stride = static_cast<int>(arguments.integer("stride", 1, MAX_STRIDE));
    c.count = cellsAt(c.shape, c.stride);
    step.at = fields.optionalSlotOf("at", c.shape.batch, outputSize(c.shape.height, c.stride), outputSize(c.shape.width, c.stride));
    c.inputRows = arguments.flag("inputRows");
    if (c.inputRows && (c.filter->kernel != 1 || c.stride != 1)) arguments.outOfRange("inputRows", "needs kernel 1 and stride 1");
    const int64_t length = c.shape.cells() * c.filter->in;
    c.input = fields.input("input", length);
    step.sampled = step.full = finished(c, fields, "residual", "output");
    if (arguments.flag("whenFull")) {
      if (step.at == NO_SLOT) arguments.fail("whenFull", "needs a mask `at`");
      StepFields ofFull(program, arguments);
      ofFull.note("input", c.input, length);
      step.full = finished(c, ofFull, "whenFull.residual", "whenFull.output");
    }
    return step;
  }

  InterpolateStep interpolate() {
    InterpolateStep step;
    Interpolation& in = step.interpolation;
    const MapShape shape = in.shape = arguments.shape("shape");
    const int64_t length = shape.cells() * shape.channels;
    in.features = fields.input("features", length);
    step.mask = fields.slotOf("mask", shape.batch, shape.height, shape.width);
    in.mask = program.slots[step.mask].mask.data();
    in.fill = static_cast<Fill>(arguments.integer("kind", 0, static_cast<int64_t>(Fill::zeros)));
    in.window = oddInteger(arguments, "window", MAX_WINDOW);
    in.sigma = static_cast<float>(arguments.number("sigma"));
    if (!arguments.absent()) {
      const int64_t taps = in.window * in.window * shape.channels;
      const float* filter = arguments.floats("filter", taps);
      step.filter.assign(filter, filter + taps);
      in.filter = step.filter.data();
    }
    if ((in.fill == Fill::convolution) != (in.filter != nullptr)) arguments.fail("filter", "is given for a convolution, and only for it");
    step.where = fields.optionalSlotOf("where", shape.batch, shape.height, shape.width);
    if (step.where != NO_SLOT) in.where = program.slots[step.where].mask.data();
    in.residual = fields.optionalInput("residual", length);
    in.relu = arguments.flag("relu");
    // With a residual or a ReLU, a written position is no longer the feature its neighbours need.
    in.output = fields.output("output", length, in.residual || in.relu ? "residual" : "features");
    return step;
  }

  MaskHeadsStep maskHeads() {
    MaskHeadsStep step;
    step.taps = filterFor(*program.engine, arguments, "heads");
    MaskHeads& heads = step.heads;
    heads.taps = step.taps.get();
    heads.shape = arguments.shape("shape");
    expectHeads(arguments, *step.taps, heads.shape);
    heads.input = fields.input("input", heads.shape.cells() * heads.shape.channels);
    for (int i = 0; i < 2; ++i) {
      step.bias[i] = arguments.number(arguments.element("bias", i));
      heads.stride[i] = static_cast<int>(arguments.integer(arguments.element("stride", i), 1, MAX_STRIDE));
      heads.probability[i] = fields.output(arguments.element("outputs", i), cellsAt(heads.shape, heads.stride[i]));
    }
    return step;
  }

  DrawMaskStep drawMask() {
    DrawMaskStep step;
    MaskDraw& draw = step.draw;
    step.mask = fields.slot("mask");
    MaskSlot& slot = program.slots[step.mask];
    draw.batch = slot.batch;
    draw.height = slot.height;
    draw.width = slot.width;
    draw.mask = slot.mask.data();
    draw.positions = slot.positions.data();
    draw.draw = static_cast<Draw>(arguments.integer("kind", 0, static_cast<int64_t>(Draw::blueNoise)));
    draw.probability = fields.optionalInput("probability", slot.cells());
    if (!draw.probability && draw.draw != Draw::random) arguments.fail("probability", "is missing");
    draw.density = static_cast<float>(arguments.number("density"));
    int64_t length = 0;
    const double* key = keyOf(arguments, length);
    step.key.assign(key, key + length);
    draw.tileSize = arguments.integer("tileSize", 0, MAX_TILE);
    if (!arguments.absent()) {
      const int32_t* tile = arguments.integers("tile", draw.tileSize * draw.tileSize);
      step.tile.assign(tile, tile + draw.tileSize * draw.tileSize);
      draw.tile = step.tile.data();
    }
    if (draw.draw == Draw::blueNoise && step.tile.empty()) arguments.fail("tile", "is missing");
    draw.interval = arguments.integer("interval", 0, INT32_MAX);
    return step;
  }

  DilateStep dilate() {
    DilateStep step;
    step.mask = fields.slot("mask");
    MaskSlot& slot = program.slots[step.mask];
    Dilation& dilation = step.dilation;
    dilation.batch = slot.batch;
    dilation.height = slot.height;
    dilation.width = slot.width;
    dilation.kernel = oddInteger(arguments, "kernel", MAX_KERNEL);
    dilation.stride = static_cast<int>(arguments.integer("stride", 1, MAX_STRIDE));
    dilation.mask = slot.mask.data();
    dilation.positions = slot.positions.data();
    step.from = fields.slotOf("from", slot.batch, outputSize(slot.height, dilation.stride), outputSize(slot.width, dilation.stride));
    if (step.from == step.mask) arguments.outOfRange("from", "is the mask itself; give another one");
    dilation.outputs = program.slots[step.from].positions.data();
    return step;
  }

  MaxPoolStep maxPool() {
    const MapShape shape = arguments.shape("shape");
    const float* input = fields.input("input", shape.cells() * shape.channels);
    return {input, shape, fields.output("output", cellsAt(shape, 2) * shape.channels)};
  }

  UpsampleAddStep upsampleAdd() {
    const MapShape shape = arguments.shape("shape");
    const int64_t height = arguments.integer("coarseSize[0]", 1, shape.height);
    const int64_t width = arguments.integer("coarseSize[1]", 1, shape.width);
    const float* coarse = fields.input("coarse", shape.batch * height * width * shape.channels);
    const float* fine = fields.input("fine", shape.cells() * shape.channels);
    return {coarse, height, width, fine, shape, fields.output("output", shape.cells() * shape.channels, "fine")};
  }

  SubsampleStep subsample() {
    const MapShape shape = arguments.shape("shape");
    const int64_t stride = arguments.integer("stride", 1, MAX_STRIDE);
    const float* input = fields.input("input", shape.cells() * shape.channels);
    return {input, shape, stride, fields.output("output", cellsAt(shape, stride) * shape.channels)};
  }

  MeanPoolStep meanPool() {
    const MapShape shape = arguments.shape("shape");
    const float* input = fields.input("input", shape.cells() * shape.channels);
    return {input, shape, fields.output("output", shape.batch * shape.channels)};
  }

  UpsampleBilinearStep upsampleBilinear() {
    const MapShape shape = arguments.shape("shape");
    const int64_t factor = arguments.integer("factor", 1, MAX_FACTOR);
    const int64_t length = shape.cells() * shape.channels;
    const float* input = fields.input("input", upsampledFrom(shape, factor));
    const float* residual = fields.optionalInput("residual", length);
    return {input, factor, shape, residual, fields.output("output", length, "residual")};
  }

  GroupNormStep groupNorm() {
    GroupNormStep step;
    step.norm = groupNormOf(arguments);
    const int64_t channels = step.norm.shape.channels, length = step.norm.shape.cells() * channels;
    const float* scale = arguments.floats("scale", channels);
    const float* shift = arguments.floats("shift", channels);
    step.scale.assign(scale, scale + channels);
    step.shift.assign(shift, shift + channels);
    step.norm.scale = step.scale.data();
    step.norm.shift = step.shift.data();
    step.norm.input = fields.input("input", length);
    step.norm.output = fields.output("output", length, "input");
    return step;
  }

  RoiAlignStep roiAlign() {
    RoiAlignStep step;
    RoiAlign& align = step.align;
    align.size = static_cast<int>(arguments.integer("size", 1, MAX_BINS));
    align.samplingRatio = static_cast<int>(arguments.integer("samplingRatio", 0, MAX_BINS));
    step.at = fields.slot("at");
    const MaskSlot& slot = program.slots[step.at];
    if (slot.batch != 1 || slot.height != 1) arguments.outOfRange("at", "is not of shape [1,1,max]");
    align.rois = fields.input("rois", 4 * slot.width);
    const int64_t levels = arguments.integer("levels", 1, MAX_LEVELS);
    for (int64_t i = 0; i < levels; ++i) {
      const RoiLevel level = roiLevel(arguments, align.levels);
      const float* input = fields.input(arguments.element("levels", i, ".input"), level.shape.cells() * level.shape.channels);
      align.levels.push_back({input, level.shape, level.stride});
    }
    align.output = fields.output("output", slot.width * align.size * align.size * align.levels[0].shape.channels);
    return step;
  }

 private:
  /** With what comes after the sums of a convolution. */
  Convolution finished(Convolution c, StepFields& fields, const char* residual, const char* output) {
    const int64_t length = c.count * c.filter->out;
    c.residual = fields.optionalInput(residual, length);
    c.relu = arguments.flag("relu");
    c.outputRows = arguments.flag("outputRows");
    c.output = fields.output(output, length, c.outputRows ? nullptr : residual);
    return c;
  }
};

Action readAction(Reader& reader, const std::string& op) {
  if (op == "image") return reader.image();
  if (op == "convolve") return reader.convolve();
  if (op == "interpolate") return reader.interpolate();
  if (op == "maskHeads") return reader.maskHeads();
  if (op == "drawMask") return reader.drawMask();
  if (op == "dilate") return reader.dilate();
  if (op == "maxPool3x3") return reader.maxPool();
  if (op == "upsampleAdd") return reader.upsampleAdd();
  if (op == "subsample") return reader.subsample();
  if (op == "meanPool") return reader.meanPool();
  if (op == "upsampleBilinear") return reader.upsampleBilinear();
  if (op == "groupNorm") return reader.groupNorm();
  if (op == "roiAlign") return reader.roiAlign();
  reader.arguments.fail("op", "is not one of the operations");
}

}  // namespace

Step readStep(Program& program, const Napi::CallbackInfo& info) {
  Arguments common(info, "nativeProgram");
  const std::string op = common.text("op");
  const std::string name = common.text("name");
  Arguments arguments(info, "nativeProgram: " + name, 2);
  Reader reader{program, arguments};
  const int unlessFull = reader.fields.optionalSlot("unlessFull");
  return {name, unlessFull, readAction(reader, op)};
}

}  // namespace stint
