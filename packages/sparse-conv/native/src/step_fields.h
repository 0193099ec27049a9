// What the fields of all steps have in common: spans lie in the arena and are long enough, outputs lie over no input, slots exist.
#pragma once

#include <cstring>
#include <vector>

#include "arguments.h"
#include "program.h"

namespace stint {

constexpr int64_t MAX_FLOATS = int64_t{1} << 40;  // of an arena

class StepFields {
 public:
  StepFields(Program& program, Arguments& arguments) : program_(program), arguments_(arguments) {}

  /** A span with at least `length` floats that the step reads. */
  const float* input(const char* name, int64_t length);
  const float* optionalInput(const char* name, int64_t length) { return arguments_.absent() ? nullptr : input(name, length); }

  /** A span that the step writes: over no output and no input, but it may be the input named `same`. */
  float* output(const char* name, int64_t length, const char* same = nullptr);

  /** Counts what was read elsewhere as an input. */
  void note(const char* name, const float* begin, int64_t length) { used_.push_back({name, begin, begin + length}); }

  int slot(const char* name);
  int optionalSlot(const char* name) { return arguments_.absent() ? NO_SLOT : slot(name); }

  /** A slot whose mask is [batch,height,width]. */
  int slotOf(const char* name, int64_t batch, int64_t height, int64_t width);
  int optionalSlotOf(const char* name, int64_t batch, int64_t height, int64_t width) {
    return arguments_.absent() ? NO_SLOT : slotOf(name, batch, height, width);
  }

 private:
  struct Used {
    const char* name;
    const float* begin;
    const float* end;
  };

  float* span(const char* name, int64_t length);

  Program& program_;
  Arguments& arguments_;
  std::vector<Used> used_;
};

/** Two numbers, offset and length, of a span inside the arena. */
Span readSpan(const Program& program, Arguments& arguments, const char* name);

}  // namespace stint
