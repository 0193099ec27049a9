// The memory that a program's steps share: zeros at first, never moved, so that steps hold pointers into it.
#pragma once

#if defined(__linux__)
#include <sys/mman.h>
#endif

#include <cstdint>
#include <cstdlib>
#include <new>

namespace stint {

class Arena {
 public:
  explicit Arena(int64_t floats) : size_(floats) {
    const size_t bytes = static_cast<size_t>(floats) * sizeof(float);
    // calloc does not touch large memory: what the steps do not use costs nothing.
    memory_ = std::calloc(bytes + HUGE_PAGE, 1);
    if (!memory_) throw std::bad_alloc();
    const uintptr_t begin = (reinterpret_cast<uintptr_t>(memory_) + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    data_ = reinterpret_cast<float*>(begin);
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    // Sampled rows lie far apart: with pages of 4 KB, many of them would need a translation each.
    if (bytes >= HUGE_PAGE) madvise(data_, bytes / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
#endif
  }
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() { std::free(memory_); }

  float* data() { return data_; }
  const float* data() const { return data_; }
  int64_t size() const { return size_; }

 private:
  static constexpr size_t HUGE_PAGE = size_t{1} << 21;

  int64_t size_;
  void* memory_;
  float* data_;
};

}  // namespace stint
