#include "program_execution.h"

#include <chrono>
#include <new>
#include <stdexcept>

#include "maps.h"

namespace stint {
namespace {

class Execution {
 public:
  Execution(Program& program, const RunOptions& options) : program_(program), engine_(*program.engine), options_(options) {}

  void run(const Step& step) {
    step_ = &step;
    if (step.unlessFull != NO_SLOT && read(step.unlessFull).isFull()) return;
    try {
      std::visit([&](const auto& action) { perform(action); }, step.action);
    } catch (const std::bad_alloc&) {
      fail("there is not enough memory for it");
    }
  }

 private:
  void perform(const ImageStep& s) {
    const ImageInput& image = program_.images[s.image];
    if (image.height == 0) fail("image " + std::to_string(s.image) + " is not given");
    if (image.height > s.shape.height || image.width > s.shape.width) {
      fail("image " + std::to_string(s.image) + " of " + std::to_string(image.height) + " x " + std::to_string(image.width) +
           " does not fit " + std::to_string(s.shape.height) + " x " + std::to_string(s.shape.width));
    }
    normaliseImage(engine_, s.normalisation, {image.bytes.data(), image.height, image.width}, s.shape, s.output);
  }

  void perform(const ConvolveStep& s) {
    if (s.at == NO_SLOT) return convolve(engine_, s.full);
    const MaskSlot& at = read(s.at);
    if (at.isFull()) return convolve(engine_, s.full);
    Convolution c = s.sampled;
    c.positions = at.positions.data();
    c.count = at.count;
    convolve(engine_, c);
  }

  void perform(const InterpolateStep& s) {
    const bool full = read(s.mask).isFull();
    if (s.where != NO_SLOT) read(s.where);
    if (full && s.interpolation.output == s.interpolation.features) return;
    interpolate(engine_, s.interpolation);
  }

  void perform(const MaskHeadsStep& s) {
    MaskHeads heads = s.heads;
    for (int i = 0; i < 2; ++i) heads.bias[i] = static_cast<float>(s.bias[i] + options_.shift);
    maskHeads(engine_, heads);
  }

  void perform(const DrawMaskStep& s) {
    MaskSlot& slot = program_.slots[s.mask];
    if (slot.given) return;
    key_ = options_.key;
    key_.insert(key_.end(), s.key.begin(), s.key.end());
    MaskDraw draw = s.draw;
    draw.key = key_.data();
    draw.keyLength = static_cast<int64_t>(key_.size());
    slot.count = drawMask(engine_, draw);
  }

  void perform(const DilateStep& s) {
    MaskSlot& slot = program_.slots[s.mask];
    if (slot.given) return;
    Dilation dilation = s.dilation;
    dilation.count = read(s.from).count;
    slot.count = dilate(dilation);
  }

  void perform(const MaxPoolStep& s) { maxPool(engine_, s.input, s.shape, s.output); }

  void perform(const UpsampleAddStep& s) { upsampleAdd(engine_, s.coarse, s.coarseHeight, s.coarseWidth, s.fine, s.shape, s.output); }

  void perform(const SubsampleStep& s) { subsample(engine_, s.input, s.shape, s.stride, s.output); }

  void perform(const MeanPoolStep& s) { meanPool(engine_, s.input, s.shape, s.output); }

  void perform(const UpsampleBilinearStep& s) { upsampleBilinear(engine_, s.input, s.factor, s.shape, s.residual, s.output); }

  void perform(const GroupNormStep& s) { groupNorm(engine_, s.norm); }

  void perform(const RoiAlignStep& s) {
    RoiAlign align = s.align;
    align.count = read(s.at).count;
    roiAlign(engine_, align);
  }

  const MaskSlot& read(int index) const {
    const MaskSlot& slot = program_.slots[index];
    if (!slot.isSet()) fail("mask " + std::to_string(index) + " is not set: an earlier step or the run's masks must set it");
    return slot;
  }

  [[noreturn]] void fail(const std::string& problem) const { throw std::runtime_error("run: " + step_->name + ": " + problem); }

  Program& program_;
  Engine& engine_;
  const RunOptions& options_;
  const Step* step_ = nullptr;
  std::vector<double> key_;
};

}  // namespace

bool execute(Program& program, const RunOptions& options, const std::atomic<bool>& stop) {
  using Clock = std::chrono::steady_clock;
  if (options.from == 0) {
    for (MaskSlot& slot : program.slots) {
      if (!slot.given) slot.forget();
    }
  }
  Execution execution(program, options);
  for (size_t i = options.from; i < options.to; ++i) {
    if (stop) return false;
    const auto begin = Clock::now();
    execution.run(program.steps[i]);
    if (options.milliseconds) options.milliseconds[i] = std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
  }
  return true;
}

}  // namespace stint
