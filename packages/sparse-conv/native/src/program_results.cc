#include "program_results.h"

#include <algorithm>

namespace stint {

RunResults::RunResults(Napi::Env env, const Program& program, const std::vector<int32_t>& outputs, const std::vector<int32_t>& masks,
                       bool profile) {
  for (const int32_t output : outputs) {
    const Span span = program.outputs[output];
    Napi::Float32Array array = Napi::Float32Array::New(env, span.length);
    outputs_.push_back({span, array.Data(), Napi::Persistent(array)});
  }
  for (const int32_t slot : masks) {
    Napi::Uint8Array array = Napi::Uint8Array::New(env, program.slots[slot].cells());
    masks_.push_back({static_cast<size_t>(slot), array.Data(), Napi::Persistent(array)});
  }
  Napi::Int32Array counts = Napi::Int32Array::New(env, program.slots.size());
  counts_ = counts.Data();
  countsArray_ = Napi::Persistent(counts);
  if (profile) {
    Napi::Float64Array milliseconds = Napi::Float64Array::New(env, program.steps.size());
    milliseconds_ = milliseconds.Data();
    millisecondsArray_ = Napi::Persistent(milliseconds);
  }
}

Napi::Object RunResults::value(Napi::Env env) const {
  Napi::Array outputs = Napi::Array::New(env, outputs_.size()), masks = Napi::Array::New(env, masks_.size());
  for (size_t i = 0; i < outputs_.size(); ++i) outputs.Set(i, outputs_[i].array.Value());
  for (size_t i = 0; i < masks_.size(); ++i) masks.Set(i, masks_[i].array.Value());
  Napi::Object object = Napi::Object::New(env);
  object.Set("outputs", outputs);
  object.Set("masks", masks);
  object.Set("counts", countsArray_.Value());
  if (!millisecondsArray_.IsEmpty()) object.Set("ms", millisecondsArray_.Value());
  return object;
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
