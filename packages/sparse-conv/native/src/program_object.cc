#include "program_object.h"

#include "objects.h"
#include "operands.h"
#include "program_execution.h"
#include "program_reader.h"
#include "program_results.h"
#include "step_fields.h"

namespace stint {
namespace {

constexpr int64_t MAX_INPUTS = 1 << 16;
constexpr int64_t MAX_OUTPUT = 1 << 30;  // floats; a longer array would be too long for JavaScript

/** A run off the main thread. It keeps what it works with alive, and its engine busy, until it is over. */
class RunWorker : public Napi::AsyncWorker {
 public:
  RunWorker(Napi::Env env, std::shared_ptr<Program> program, RunOptions options, RunResults results,
            std::shared_ptr<const std::atomic<bool>> stop)
      : Napi::AsyncWorker(env, "stint:program"),
        program_(std::move(program)),
        options_(std::move(options)),
        results_(std::move(results)),
        stop_(std::move(stop)),
        deferred_(env) {
    program_->engine->busy = program_->running = true;
  }

  /** Before whoever waits for the promise goes on. */
  ~RunWorker() override {
    program_->engine->busy = program_->running = false;
    program_->takeBack();
  }

  Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override {
    finished_ = execute(*program_, options_, *stop_);
    if (finished_) results_.fill(*program_);
  }

  void OnOK() override { deferred_.Resolve(finished_ ? results_.value(Env()) : Env().Null()); }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  std::shared_ptr<Program> program_;
  RunOptions options_;
  RunResults results_;
  std::shared_ptr<const std::atomic<bool>> stop_;
  Napi::Promise::Deferred deferred_;
  bool finished_ = false;
};

std::vector<int32_t> indices(Arguments& arguments, const char* name, size_t end) {
  int64_t count = 0;
  const int32_t* list = arguments.positions(name, static_cast<int64_t>(end), count);
  return {list, list + count};
}

}  // namespace

Napi::Function ProgramObject::define(Napi::Env env) {
  return DefineClass(env, "Program",
                     {
                         InstanceMethod<&ProgramObject::addSlot>("addSlot"),
                         InstanceMethod<&ProgramObject::addInput>("addInput"),
                         InstanceMethod<&ProgramObject::addOutput>("addOutput"),
                         InstanceMethod<&ProgramObject::addStep>("addStep"),
                         InstanceMethod<&ProgramObject::giveImage>("giveImage"),
                         InstanceMethod<&ProgramObject::giveInput>("giveInput"),
                         InstanceMethod<&ProgramObject::giveMask>("giveMask"),
                         InstanceMethod<&ProgramObject::refuse>("refuse"),
                         InstanceMethod<&ProgramObject::run>("run"),
                         InstanceMethod<&ProgramObject::stop>("stop"),
                         InstanceAccessor<&ProgramObject::bytes>("bytes"),
                     });
}

ProgramObject::ProgramObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<ProgramObject>(info) {
  guarded(info.Env(), "nativeProgram", [&] {
    Arguments arguments(info, "nativeProgram");
    const std::shared_ptr<Engine>& engine = arguments.object<EngineObject>("engine").engine();
    const int64_t floats = arguments.integer("arena", 0, MAX_FLOATS);
    const int64_t images = arguments.integer("images", 0, MAX_INPUTS);
    try {
      program_ = std::make_shared<Program>(engine, floats, images);
    } catch (const std::bad_alloc&) {
      arguments.outOfRange("arena", "of " + std::to_string(floats) + " floats is more memory than there is");
    }
    countMemory(info.Env(), program_->bytes());
    info.This().As<Napi::Object>().TypeTag(&TAG);
  });
}

void ProgramObject::Finalize(Napi::BasicEnv env) { countMemory(env, 0); }

void ProgramObject::countMemory(Napi::BasicEnv env, int64_t bytes) {
  Napi::MemoryManagement::AdjustExternalMemory(env, bytes - counted_);
  counted_ = bytes;
}

Program& ProgramObject::changeable(const Arguments& arguments) const {
  if (program_->running) arguments.busy();
  return *program_;
}

Program& ProgramObject::idle(const Arguments& arguments) const {
  if (program_->engine->busy) arguments.busy();
  return *program_;
}

Napi::Value ProgramObject::bytes(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(program_->bytes()));
}

Napi::Value ProgramObject::addSlot(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "nativeProgram", [&] {
    Arguments arguments(info, "nativeProgram");
    Program& program = changeable(arguments);
    const MapShape shape = arguments.shape(arguments.element("masks", static_cast<int64_t>(program.slots.size())));
    program.slots.emplace_back(shape.batch, shape.height, shape.width);
    countMemory(info.Env(), program.bytes());
    return info.Env().Undefined();
  });
}

Napi::Value ProgramObject::addInput(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "nativeProgram", [&] {
    Arguments arguments(info, "nativeProgram");
    Program& program = changeable(arguments);
    const char* name = arguments.element("inputs", static_cast<int64_t>(program.inputs.size()));
    program.inputs.push_back(readSpan(program, arguments, name));
    return info.Env().Undefined();
  });
}

Napi::Value ProgramObject::addOutput(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "nativeProgram", [&] {
    Arguments arguments(info, "nativeProgram");
    Program& program = changeable(arguments);
    const char* name = arguments.element("outputs", static_cast<int64_t>(program.outputs.size()));
    const Span span = readSpan(program, arguments, name);
    if (span.length > MAX_OUTPUT) arguments.outOfRange(name, "has more than " + std::to_string(MAX_OUTPUT) + " floats");
    program.outputs.push_back(span);
    return info.Env().Undefined();
  });
}

Napi::Value ProgramObject::addStep(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "nativeProgram", [&] {
    Program& program = changeable(Arguments(info, "nativeProgram"));
    program.steps.push_back(readStep(program, info));
    return info.Env().Undefined();
  });
}

Napi::Value ProgramObject::giveImage(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "run", [&] {
    Arguments arguments(info, "run");
    Program& program = idle(arguments);
    const int64_t index = arguments.integer("images", 0, static_cast<int64_t>(program.images.size()) - 1);
    const int64_t height = arguments.integer(arguments.element("images", index, ".height"), 1, MAX_IMAGE_SIDE);
    const int64_t width = arguments.integer(arguments.element("images", index, ".width"), 1, MAX_IMAGE_SIDE);
    const uint8_t* bytes = arguments.bytes(arguments.element("images", index, ".data"), height * width * 3);
    ImageInput& image = program.images[index];
    image.height = 0;  // should there be no memory
    std::copy_n(bytes, height * width * 3, image.bytes.reserve(height * width * 3));
    image.height = height;
    image.width = width;
    return info.Env().Undefined();
  });
}

Napi::Value ProgramObject::giveInput(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "run", [&] {
    Arguments arguments(info, "run");
    Program& program = idle(arguments);
    const int64_t index = arguments.integer("inputs", 0, static_cast<int64_t>(program.inputs.size()) - 1);
    const Span span = program.inputs[index];
    const float* data = arguments.floats(arguments.element("inputs", index), span.length);
    std::copy_n(data, span.length, program.arena.data() + span.offset);
    return info.Env().Undefined();
  });
}

Napi::Value ProgramObject::giveMask(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "run", [&] {
    Arguments arguments(info, "run");
    Program& program = idle(arguments);
    const int64_t index = arguments.integer("masks", 0, static_cast<int64_t>(program.slots.size()) - 1);
    MaskSlot& slot = program.slots[index];
    slot.give(arguments.bytes(arguments.element("masks", index), slot.cells()));
    return info.Env().Undefined();
  });
}

Napi::Value ProgramObject::refuse(const Napi::CallbackInfo& info) {
  // While it runs, nothing can have been given.
  if (!program_->engine->busy) program_->refuse();
  return info.Env().Undefined();
}

Napi::Value ProgramObject::run(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), "run", [&]() -> Napi::Value {
    Arguments arguments(info, "run");
    const Program& program = idle(arguments);
    RunOptions options;
    options.from = arguments.integer("from", 0, static_cast<int64_t>(program.steps.size()));
    options.to = arguments.integer("to", static_cast<int64_t>(options.from), static_cast<int64_t>(program.steps.size()));
    int64_t length = 0;
    const double* key = keyOf(arguments, length);
    options.key.assign(key, key + length);
    options.shift = arguments.number("shift");
    const bool profile = arguments.flag("profile");
    const std::vector<int32_t> masks = indices(arguments, "want", program.slots.size());
    const std::vector<int32_t> outputs = indices(arguments, "wantOutputs", program.outputs.size());
    RunResults results(info.Env(), program, outputs, masks, profile);
    options.milliseconds = results.milliseconds();
    stop_ = std::make_shared<std::atomic<bool>>(false);
    auto* worker = new RunWorker(info.Env(), program_, std::move(options), std::move(results), stop_);
    const Napi::Promise promise = worker->promise();
    worker->Queue();
    return promise;
  });
}

Napi::Value ProgramObject::stop(const Napi::CallbackInfo& info) {
  if (stop_) *stop_ = true;
  return info.Env().Undefined();
}

}  // namespace stint
