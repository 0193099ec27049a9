// Memory for vectors: aligned to a cache line, grown and never shrunk, so that a second image of the same size allocates nothing.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

namespace stint {

template <typename T>
class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { std::free(data_); }

  /** At least `count` elements; what was in them is lost when the buffer grows. */
  T* reserve(size_t count) {
    if (count > capacity_) {
      std::free(data_);
      data_ = nullptr;
      capacity_ = 0;
      const size_t bytes = (count * sizeof(T) + LINE - 1) / LINE * LINE;
      data_ = static_cast<T*>(std::aligned_alloc(LINE, bytes));
      if (!data_) throw std::bad_alloc();
      capacity_ = count;
    }
    return data_;
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  size_t capacity() const { return capacity_; }

 private:
  static constexpr size_t LINE = 64;
  T* data_ = nullptr;
  size_t capacity_ = 0;
};

}  // namespace stint
