// The two objects JavaScript holds: an engine (instruction set, threads, scratch memory) and a packed filter.
#pragma once

#include <napi.h>

#include <memory>

#include "engine.h"
#include "filter.h"

namespace stint {

/** new Engine(isa, threads); its methods are the operations, with arguments by position (the TypeScript door names them). */
class EngineObject : public Napi::ObjectWrap<EngineObject> {
 public:
  static const napi_type_tag TAG;
  static Napi::Function define(Napi::Env env);
  explicit EngineObject(const Napi::CallbackInfo& info);

  Engine& engine() { return *engine_; }

 private:
  Napi::Value convolve(const Napi::CallbackInfo& info);
  Napi::Value interpolate(const Napi::CallbackInfo& info);
  Napi::Value maskHeads(const Napi::CallbackInfo& info);
  Napi::Value drawMask(const Napi::CallbackInfo& info);
  Napi::Value dilate(const Napi::CallbackInfo& info);
  Napi::Value maxPool(const Napi::CallbackInfo& info);
  Napi::Value upsampleAdd(const Napi::CallbackInfo& info);
  Napi::Value simdWidth(const Napi::CallbackInfo& info);

  std::unique_ptr<Engine> engine_;
};

/** new Filter(engine, kernel, in, out, weights, bias | null). */
class FilterObject : public Napi::ObjectWrap<FilterObject> {
 public:
  static const napi_type_tag TAG;
  static Napi::Function define(Napi::Env env);
  explicit FilterObject(const Napi::CallbackInfo& info);

  const Filter& filter() const { return *filter_; }

 private:
  std::unique_ptr<Filter> filter_;
};

}  // namespace stint
