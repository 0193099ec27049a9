// The program as JavaScript holds it: made empty, then given its steps one by one, then run.
#pragma once

#include <napi.h>

#include <atomic>
#include <memory>

#include "arguments.h"
#include "program.h"

namespace stint {

/** new Program(engine, floats, images); binding.ts lists the arguments of its methods. */
class ProgramObject : public Napi::ObjectWrap<ProgramObject> {
 public:
  static const napi_type_tag TAG;
  static Napi::Function define(Napi::Env env);
  explicit ProgramObject(const Napi::CallbackInfo& info);
  void Finalize(Napi::BasicEnv env) override;

 private:
  // Planning.
  Napi::Value addSlot(const Napi::CallbackInfo& info);
  Napi::Value addInput(const Napi::CallbackInfo& info);
  Napi::Value addOutput(const Napi::CallbackInfo& info);
  Napi::Value addStep(const Napi::CallbackInfo& info);
  Napi::Value bytes(const Napi::CallbackInfo& info);

  // What the next run is given.
  Napi::Value giveImage(const Napi::CallbackInfo& info);
  Napi::Value giveInput(const Napi::CallbackInfo& info);
  Napi::Value giveMask(const Napi::CallbackInfo& info);
  /** Takes it back, where it will not run after all. */
  Napi::Value refuse(const Napi::CallbackInfo& info);

  /** Returns the promise of the results, or of null after stop(). */
  Napi::Value run(const Napi::CallbackInfo& info);
  Napi::Value stop(const Napi::CallbackInfo& info);

  /** The program, unless it runs. */
  Program& changeable(const Arguments& arguments) const;
  /** The program, unless it or another one runs on its engine. */
  Program& idle(const Arguments& arguments) const;
  void countMemory(Napi::BasicEnv env, int64_t bytes);

  std::shared_ptr<Program> program_;  // a run shares it
  std::shared_ptr<std::atomic<bool>> stop_;
  int64_t counted_ = 0;  // bytes that the garbage collector was told of
};

}  // namespace stint
