#include "program_results.h"

#include <algorithm>

namespace stint {

RunResults::RunResults(Napi::Env env, const Program& program, const std::vector<int32_t>& outputs, const std::vector<int32_t>& masks,
                       bool profile) {
  Napi::Object object = Napi::Object::New(env);
  Napi::Array outputArrays = Napi::Array::New(env, outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Span span = program.outputs[outputs[i]];
    Napi::Float32Array array = Napi::Float32Array::New(env, span.length);
    outputArrays.Set(i, array);
    outputs_.push_back({span, array.Data()});
  }
  Napi::Array maskArrays = Napi::Array::New(env, masks.size());
  for (size_t i = 0; i < masks.size(); ++i) {
    const size_t slot = masks[i];
    Napi::Uint8Array array = Napi::Uint8Array::New(env, program.slots[slot].cells());
    maskArrays.Set(i, array);
    masks_.push_back({slot, array.Data()});
  }
  Napi::Int32Array counts = Napi::Int32Array::New(env, program.slots.size());
  counts_ = counts.Data();
  object.Set("outputs", outputArrays);
  object.Set("masks", maskArrays);
  object.Set("counts", counts);
  if (profile) {
    Napi::Float64Array milliseconds = Napi::Float64Array::New(env, program.steps.size());
    milliseconds_ = milliseconds.Data();
    object.Set("ms", milliseconds);
  }
  object_ = Napi::Persistent(object);
}

void RunResults::fill(const Program& program) const {
  for (const Output& output : outputs_) std::copy_n(program.arena.data() + output.span.offset, output.span.length, output.to);
  for (const Mask& mask : masks_) {
    const MaskSlot& slot = program.slots[mask.slot];
    if (slot.isSet()) std::copy_n(slot.mask.data(), slot.cells(), mask.to);
  }
  for (size_t i = 0; i < program.slots.size(); ++i) counts_[i] = static_cast<int32_t>(program.slots[i].count);
}

}  // namespace stint
