#include "arguments.h"

#include <cmath>
#include <cstring>

namespace stint {
namespace {

constexpr int64_t MAX_SIDE = 1 << 24;
constexpr int64_t MAX_CELLS = INT32_MAX;  // positions are int32
constexpr int64_t ANY_LENGTH = -1;

}  // namespace

const char* Arguments::element(const char* list, int64_t index, const char* field) {
  names_.push_back(std::string(list) + "[" + std::to_string(index) + "]" + field);
  return names_.back().c_str();
}

void Arguments::fail(const char* name, const std::string& problem) const {
  throw Napi::TypeError::New(info_.Env(), operation_ + ": " + name + " " + problem);
}

void Arguments::outOfRange(const char* name, const std::string& problem) const {
  throw Napi::RangeError::New(info_.Env(), operation_ + ": " + name + " " + problem);
}

void Arguments::busy() const {
  throw Napi::Error::New(info_.Env(), operation_ + ": a program is running on this engine; wait for it, or take another engine");
}

int64_t Arguments::integer(const char* name, int64_t low, int64_t high) {
  const Napi::Value value = next();
  if (!value.IsNumber()) fail(name, "is not a number");
  const double number = value.As<Napi::Number>().DoubleValue();
  if (!(number >= static_cast<double>(low) && number <= static_cast<double>(high)) || number != std::floor(number)) {
    outOfRange(name, "is not a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  }
  return static_cast<int64_t>(number);
}

double Arguments::number(const char* name) {
  const Napi::Value value = next();
  if (!value.IsNumber()) fail(name, "is not a number");
  return value.As<Napi::Number>().DoubleValue();
}

bool Arguments::flag(const char* name) {
  const Napi::Value value = next();
  if (!value.IsBoolean()) fail(name, "is not true or false");
  return value.As<Napi::Boolean>();
}

std::string Arguments::text(const char* name) {
  const Napi::Value value = next();
  if (!value.IsString()) fail(name, "is not a string");
  return value.As<Napi::String>();
}

bool Arguments::absent() {
  const Napi::Value value = info_[at_];
  if (!value.IsNull() && !value.IsUndefined()) return false;
  ++at_;
  return true;
}

MapShape Arguments::shape(const char* name) {
  MapShape shape;
  for (int64_t* side : {&shape.batch, &shape.height, &shape.width, &shape.channels}) *side = integer(name, 1, MAX_SIDE);
  if (shape.batch > MAX_CELLS / shape.height || shape.batch * shape.height > MAX_CELLS / shape.width) {
    outOfRange(name, "has more than " + std::to_string(MAX_CELLS) + " positions");
  }
  return shape;
}

Arguments::Span Arguments::array(const char* name, napi_typedarray_type type, const char* typeName, size_t elementSize) {
  const Napi::Value value = next();
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type) fail(name, std::string("is not a ") + typeName);
  void* data = nullptr;
  size_t length = 0;
  napi_value buffer = nullptr;
  const napi_env env = info_.Env();
  if (napi_get_typedarray_info(env, value, nullptr, &length, &data, &buffer, nullptr) != napi_ok) fail(name, "cannot be read");
  bool owned = false;
  // Another thread could change shared memory after it was checked.
  if (napi_is_arraybuffer(env, buffer, &owned) != napi_ok || !owned) fail(name, "lies in a SharedArrayBuffer; copy it");
  const uint8_t* begin = static_cast<const uint8_t*>(data);
  spans_.push_back({name, begin, begin + length * elementSize});
  return spans_.back();
}

void Arguments::expectLength(const char* name, int64_t got, int64_t wanted) const {
  // A detached array has length 0.
  if (got != wanted) outOfRange(name, "has " + std::to_string(got) + " elements; give " + std::to_string(wanted));
}

void Arguments::forbidOverlap(const char* name, const char* same) const {
  const Span& written = spans_.back();
  for (size_t i = 0; i + 1 < spans_.size(); ++i) {
    const Span& read = spans_[i];
    const bool apart = written.end <= read.begin || read.end <= written.begin;
    const bool allowed = same && std::strcmp(read.name, same) == 0 && written.begin == read.begin;
    if (!apart && !allowed) outOfRange(name, std::string("shares memory with ") + read.name + "; give an array of its own");
  }
}

namespace {

template <typename T>
struct ArrayType;
template <>
struct ArrayType<float> {
  static constexpr napi_typedarray_type type = napi_float32_array;
  static constexpr const char* name = "Float32Array";
};
template <>
struct ArrayType<uint8_t> {
  static constexpr napi_typedarray_type type = napi_uint8_array;
  static constexpr const char* name = "Uint8Array";
};
template <>
struct ArrayType<int32_t> {
  static constexpr napi_typedarray_type type = napi_int32_array;
  static constexpr const char* name = "Int32Array";
};
template <>
struct ArrayType<double> {
  static constexpr napi_typedarray_type type = napi_float64_array;
  static constexpr const char* name = "Float64Array";
};

}  // namespace

template <typename T>
T* Arguments::typed(const char* name, int64_t length) {
  const Span span = array(name, ArrayType<T>::type, ArrayType<T>::name, sizeof(T));
  if (length != ANY_LENGTH) expectLength(name, (span.end - span.begin) / static_cast<int64_t>(sizeof(T)), length);
  return reinterpret_cast<T*>(const_cast<uint8_t*>(span.begin));
}

template float* Arguments::typed<float>(const char*, int64_t);
template uint8_t* Arguments::typed<uint8_t>(const char*, int64_t);
template int32_t* Arguments::typed<int32_t>(const char*, int64_t);
template double* Arguments::typed<double>(const char*, int64_t);

const int32_t* Arguments::positions(const char* name, int64_t cells, int64_t& count) {
  const int32_t* data = typed<int32_t>(name, ANY_LENGTH);
  count = (spans_.back().end - spans_.back().begin) / static_cast<int64_t>(sizeof(int32_t));
  // Unsigned, a negative position is a large one. Looking for the culprit is left for when there is one.
  uint32_t largest = 0;
  for (int64_t i = 0; i < count; ++i) largest = std::max(largest, static_cast<uint32_t>(data[i]));
  if (count > 0 && largest >= static_cast<uint64_t>(cells)) {
    int64_t i = 0;
    while (static_cast<uint32_t>(data[i]) < static_cast<uint64_t>(cells)) ++i;
    const std::string element = std::string(name) + "[" + std::to_string(i) + "]";
    outOfRange(element.c_str(), "is " + std::to_string(data[i]) + "; give positions from 0 to " + std::to_string(cells - 1));
  }
  return data;
}

const double* Arguments::doubles(const char* name, int64_t& length) {
  const double* data = typed<double>(name, ANY_LENGTH);
  length = (spans_.back().end - spans_.back().begin) / static_cast<int64_t>(sizeof(double));
  return data;
}

}  // namespace stint
