// The two objects JavaScript holds: an engine (instruction set, threads, scratch memory) and a packed filter.
#pragma once

#include <napi.h>

#include <memory>

#include "arguments.h"
#include "engine.h"
#include "filter.h"

namespace stint {

/** new Engine(isa, threads); its methods are the operations, with arguments by position (the TypeScript door names them). */
class EngineObject : public Napi::ObjectWrap<EngineObject> {
 public:
  static const napi_type_tag TAG;
  static Napi::Function define(Napi::Env env);
  explicit EngineObject(const Napi::CallbackInfo& info);

  const std::shared_ptr<Engine>& engine() const { return engine_; }

 private:
  /** The engine, unless a program runs on it. */
  Engine& idle(const Arguments& arguments) const;

  Napi::Value convolve(const Napi::CallbackInfo& info);
  Napi::Value interpolate(const Napi::CallbackInfo& info);
  Napi::Value maskHeads(const Napi::CallbackInfo& info);
  Napi::Value drawMask(const Napi::CallbackInfo& info);
  Napi::Value dilate(const Napi::CallbackInfo& info);
  Napi::Value maxPool(const Napi::CallbackInfo& info);
  Napi::Value upsampleAdd(const Napi::CallbackInfo& info);
  Napi::Value subsample(const Napi::CallbackInfo& info);
  Napi::Value meanPool(const Napi::CallbackInfo& info);
  Napi::Value upsampleBilinear(const Napi::CallbackInfo& info);
  Napi::Value groupNorm(const Napi::CallbackInfo& info);
  Napi::Value roiAlign(const Napi::CallbackInfo& info);
  Napi::Value normaliseImage(const Napi::CallbackInfo& info);
  Napi::Value simdWidth(const Napi::CallbackInfo& info);

  std::shared_ptr<Engine> engine_;  // programs share it
};

/** new Filter(engine, kernel, in, out, weights, bias | null). */
class FilterObject : public Napi::ObjectWrap<FilterObject> {
 public:
  static const napi_type_tag TAG;
  static Napi::Function define(Napi::Env env);
  explicit FilterObject(const Napi::CallbackInfo& info);

  const std::shared_ptr<const Filter>& filter() const { return filter_; }

 private:
  std::shared_ptr<const Filter> filter_;  // programs share it
};

}  // namespace stint
