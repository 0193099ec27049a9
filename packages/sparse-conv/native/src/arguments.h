// Arguments from JavaScript. Whatever comes in, what goes on to the kernels lies inside the arrays it was given with: sizes are whole
// numbers in range, lengths fit them, positions lie on the map. Errors name the operation and the argument.
#pragma once

#include <napi.h>

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "engine.h"

namespace stint {

/** The arguments of one call, read in order. */
class Arguments {
 public:
  /** @param first the argument to begin with. */
  Arguments(const Napi::CallbackInfo& info, std::string operation, size_t first = 0)
      : info_(info), operation_(std::move(operation)), at_(first) {}

  /** A whole number; nothing is converted. */
  int64_t integer(const char* name, int64_t low, int64_t high);
  double number(const char* name);
  bool flag(const char* name);
  std::string text(const char* name);
  bool absent();  // null or undefined; then it counts as read

  /** Four sizes: batch, height, width, channels. */
  MapShape shape(const char* name);

  const float* floats(const char* name, int64_t length) { return typed<float>(name, length); }
  const uint8_t* bytes(const char* name, int64_t length) { return typed<uint8_t>(name, length); }
  const int32_t* integers(const char* name, int64_t length) { return typed<int32_t>(name, length); }
  /** Flat positions below `cells`; any number of them. */
  const int32_t* positions(const char* name, int64_t cells, int64_t& count);
  const double* doubles(const char* name, int64_t& length);

  /** An array to write. It may share no memory with an array read before, but it may be the one named `same`. */
  template <typename T>
  T* output(const char* name, int64_t length, const char* same = nullptr) {
    T* data = typed<T>(name, length);
    forbidOverlap(name, same);
    return data;
  }

  /** An object of this addon, known by its tag. */
  template <typename Wrapped>
  Wrapped& object(const char* name) {
    const Napi::Value value = next();
    if (!value.IsObject() || !value.As<Napi::Object>().CheckTypeTag(&Wrapped::TAG)) fail(name, "is not one made by this addon");
    return *Wrapped::Unwrap(value.As<Napi::Object>());
  }

  /** The name of a list's element, such as levels[2].input; as long as the arguments live. */
  const char* element(const char* list, int64_t index, const char* field = "");

  [[noreturn]] void fail(const char* name, const std::string& problem) const;
  [[noreturn]] void outOfRange(const char* name, const std::string& problem) const;
  /** A program runs on the engine. */
  [[noreturn]] void busy() const;

 private:
  Napi::Value next() { return info_[at_++]; }
  /** Memory of an argument that is an array. */
  struct Span {
    const char* name;
    const uint8_t* begin;
    const uint8_t* end;
  };

  Span array(const char* name, napi_typedarray_type type, const char* typeName, size_t elementSize);
  void expectLength(const char* name, int64_t got, int64_t wanted) const;
  void forbidOverlap(const char* name, const char* same) const;

  template <typename T>
  T* typed(const char* name, int64_t length);

  const Napi::CallbackInfo& info_;
  std::string operation_;
  size_t at_;
  std::vector<Span> spans_;
  std::deque<std::string> names_;  // a deque moves nothing
};

/** Runs `body`; C++ errors become JavaScript errors. */
template <typename Body>
auto guarded(const Napi::Env& env, const char* operation, Body&& body) {
  try {
    return body();
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Napi::Error::New(env, std::string(operation) + ": " + error.what());
  }
}

}  // namespace stint
