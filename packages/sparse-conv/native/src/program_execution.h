// Runs the steps of a program, on whatever thread calls.
#pragma once

#include <atomic>
#include <vector>

#include "program.h"

namespace stint {

struct RunOptions {
  size_t from, to;  // steps
  std::vector<double> key;  // the beginning of all noise keys
  double shift;             // of the mask heads' logits
  double* milliseconds;     // of each step of the program, or null
};

/** Returns false if `stop` became true before a step. Throws a std::exception for a mask that is read and not set. */
bool execute(Program& program, const RunOptions& options, const std::atomic<bool>& stop);

}  // namespace stint
