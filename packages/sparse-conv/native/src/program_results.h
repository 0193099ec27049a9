// What JavaScript gets of a run. The arrays are made before it and filled during it, so that the main thread copies nothing.
#pragma once

#include <napi.h>

#include <vector>

#include "program.h"

namespace stint {

class RunResults {
 public:
  /** Makes {outputs, counts, masks, ms?}; the lists are indices of outputs and slots, in range. */
  RunResults(Napi::Env env, const Program& program, const std::vector<int32_t>& outputs, const std::vector<int32_t>& masks, bool profile);

  /** To be written a number a step; null without profile. */
  double* milliseconds() const { return milliseconds_; }

  /** Copies from arena and slots; on any thread. The mask of a slot that is not set stays 0. */
  void fill(const Program& program) const;

  Napi::Value value() const { return object_.Value(); }

 private:
  struct Output {
    Span span;
    float* to;
  };
  struct Mask {
    size_t slot;
    uint8_t* to;
  };

  Napi::ObjectReference object_;
  std::vector<Output> outputs_;
  std::vector<Mask> masks_;
  int32_t* counts_;
  double* milliseconds_ = nullptr;
};

}  // namespace stint
