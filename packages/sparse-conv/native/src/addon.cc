// The addon: what TypeScript loads. The door that checks and names everything is src/native/ in this package.
#include <napi.h>

#include "arguments.h"
#include "cpu.h"
#include "objects.h"
#include "program_object.h"

namespace stint {

const napi_type_tag EngineObject::TAG = {0x5717e9a0c31d4f60, 0x9c5f0a7742e86b11};
const napi_type_tag FilterObject::TAG = {0x2f0b6d8e51c74a93, 0xb1d6e3f8094c7a25};
const napi_type_tag ProgramObject::TAG = {0x83d1c5f27ae6409b, 0x4e7b90a6d52f18c3};

namespace {

constexpr int64_t MAX_THREADS = 256;
constexpr int64_t MAX_CHANNELS = 1 << 20;

}  // namespace

EngineObject::EngineObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<EngineObject>(info) {
  guarded(info.Env(), "Engine", [&] {
    Arguments arguments(info, "Engine");
    const Kernels* kernels = kernelsOf(arguments.text("isa"));
    if (!kernels) arguments.outOfRange("isa", "is not one that this processor and this build have");
    engine_ = std::make_shared<Engine>(*kernels, static_cast<int>(arguments.integer("threads", 1, MAX_THREADS)));
    info.This().As<Napi::Object>().TypeTag(&TAG);
  });
}

FilterObject::FilterObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<FilterObject>(info) {
  guarded(info.Env(), "Filter", [&] {
    Arguments arguments(info, "Filter");
    const Kernels& kernels = arguments.object<EngineObject>("engine").engine()->kernels;
    const int64_t kernel = arguments.integer("kernel", 1, 15);
    if (kernel % 2 == 0) arguments.outOfRange("kernel", "is even; give an odd one");
    const int64_t in = arguments.integer("inChannels", 1, MAX_CHANNELS);
    const int64_t out = arguments.integer("outChannels", 1, MAX_CHANNELS);
    const float* weights = arguments.floats("weights", kernel * kernel * in * out);
    const float* bias = arguments.absent() ? nullptr : arguments.floats("bias", out);
    filter_ = std::make_shared<Filter>(kernels, static_cast<int>(kernel), in, out, weights, bias);
    info.This().As<Napi::Object>().TypeTag(&TAG);
  });
}

Napi::Function EngineObject::define(Napi::Env env) {
  return DefineClass(env, "Engine",
                     {
                         InstanceMethod<&EngineObject::convolve>("convolve"),
                         InstanceMethod<&EngineObject::interpolate>("interpolate"),
                         InstanceMethod<&EngineObject::maskHeads>("maskHeads"),
                         InstanceMethod<&EngineObject::drawMask>("drawMask"),
                         InstanceMethod<&EngineObject::dilate>("dilate"),
                         InstanceMethod<&EngineObject::maxPool>("maxPool"),
                         InstanceMethod<&EngineObject::upsampleAdd>("upsampleAdd"),
                         InstanceMethod<&EngineObject::subsample>("subsample"),
                         InstanceMethod<&EngineObject::meanPool>("meanPool"),
                         InstanceMethod<&EngineObject::upsampleBilinear>("upsampleBilinear"),
                         InstanceMethod<&EngineObject::groupNorm>("groupNorm"),
                         InstanceMethod<&EngineObject::roiAlign>("roiAlign"),
                         InstanceMethod<&EngineObject::normaliseImage>("normaliseImage"),
                         InstanceAccessor<&EngineObject::simdWidth>("simdWidth"),
                     });
}

Engine& EngineObject::idle(const Arguments& arguments) const {
  if (engine_->busy) arguments.busy();
  return *engine_;
}

Napi::Function FilterObject::define(Napi::Env env) { return DefineClass(env, "Filter", {}); }

Napi::Value EngineObject::simdWidth(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), engine_->kernels.width); }

static Napi::Object load(Napi::Env env, Napi::Object exports) {
  Napi::Array isas = Napi::Array::New(env);
  for (const std::string& isa : availableIsas()) isas.Set(isas.Length(), Napi::String::New(env, isa));
  exports.Set("available", isas);
  exports.Set("Engine", EngineObject::define(env));
  exports.Set("Filter", FilterObject::define(env));
  exports.Set("Program", ProgramObject::define(env));
  return exports;
}

}  // namespace stint

static Napi::Object initialise(Napi::Env env, Napi::Object exports) { return stint::load(env, exports); }

NODE_API_MODULE(stint, initialise)
