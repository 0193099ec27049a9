// What JavaScript gets of a run. The arrays are made before it and filled during it, so that the main thread copies nothing. Until it is
// over JavaScript cannot get at them: it could detach their memory.
#pragma once

#include <napi.h>

#include <vector>

#include "program.h"

namespace stint {

class RunResults {
 public:
  /** Makes the arrays; the lists are indices of outputs and slots, in range. */
  RunResults(Napi::Env env, const Program& program, const std::vector<int32_t>& outputs, const std::vector<int32_t>& masks, bool profile);

  /** To be written a number a step; null without profile. */
  double* milliseconds() const { return milliseconds_; }

  /** Copies from arena and slots; on any thread. The mask of a slot that is not set stays 0. */
  void fill(const Program& program) const;

  /** {outputs, masks, counts, ms?}. */
  Napi::Object value(Napi::Env env) const;

 private:
  struct Output {
    Span span;
    float* to;
    Napi::Reference<Napi::Float32Array> array;
  };
  struct Mask {
    size_t slot;
    uint8_t* to;
    Napi::Reference<Napi::Uint8Array> array;
  };

  std::vector<Output> outputs_;
  std::vector<Mask> masks_;
  int32_t* counts_;
  Napi::Reference<Napi::Int32Array> countsArray_;
  double* milliseconds_ = nullptr;
  Napi::Reference<Napi::Float64Array> millisecondsArray_;
};

}  // namespace stint
