// Which instruction sets this build holds and this processor has.
#pragma once

#include <string>
#include <vector>

#include "kernels.h"

namespace stint {

/** Names the processor can run, the fastest first; never empty. */
std::vector<std::string> availableIsas();

/** The kernels of an available instruction set; null for any other name. */
const Kernels* kernelsOf(const std::string& isa);

}  // namespace stint
