// Steps as JavaScript gives them, checked: whatever comes in, what the drivers will read and write lies inside the arena and the slots.
#pragma once

#include "arguments.h"
#include "program.h"

namespace stint {

/** Arguments: the kind of step, its name for messages, unlessFull (a slot or null), then the kind's own. binding.ts lists them. */
Step readStep(Program& program, const Napi::CallbackInfo& info);

}  // namespace stint
