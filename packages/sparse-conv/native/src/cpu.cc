#include "cpu.h"

namespace stint {
namespace {

struct Entry {
  const char* isa;
  const Kernels& (*kernels)();
  bool (*supported)();
};

// __builtin_cpu_supports asks the operating system too: AVX-512 counts only where its registers are saved.
const Entry ENTRIES[] = {
#if defined(__x86_64__)
    {"avx512", avx512::kernels,
     [] {
       return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
              __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("fma");
     }},
    {"avx2", avx2::kernels, [] { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }},
    {"baseline", baseline::kernels, [] { return true; }},
#elif defined(__aarch64__)
    {"neon", neon::kernels, [] { return true; }},
#endif
};

}  // namespace

std::vector<std::string> availableIsas() {
  std::vector<std::string> names;
  for (const Entry& entry : ENTRIES) {
    if (entry.supported()) names.push_back(entry.isa);
  }
  return names;
}

const Kernels* kernelsOf(const std::string& isa) {
  for (const Entry& entry : ENTRIES) {
    if (isa == entry.isa && entry.supported()) return &entry.kernels();
  }
  return nullptr;
}

}  // namespace stint
