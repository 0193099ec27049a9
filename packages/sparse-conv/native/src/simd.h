// One vector of floats, as the compiler flags of this translation unit allow: AVX-512, AVX2 with FMA, NEON, or SSE2.
// Everything lives in the namespace of the instruction set (STINT_ISA, given by the build) and nothing of the standard library is
// included: a function that the linker could merge with another unit's copy would bring AVX-512 code to CPUs without it.
#pragma once

#if defined(__AVX512F__)
#include <immintrin.h>
#elif defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#else
#error "no vector instructions known for this processor: add them to simd.h"
#endif

namespace stint {
namespace STINT_ISA {

#if defined(__AVX512F__)

using Vec = __m512;
constexpr int W = 16;
constexpr int TILE_ROWS = 12;  // 12 x 2 sums, 2 weights and 1 input of 32 registers
static inline Vec load(const float* p) { return _mm512_loadu_ps(p); }
static inline void store(float* p, Vec v) { _mm512_storeu_ps(p, v); }
static inline Vec set1(float s) { return _mm512_set1_ps(s); }
static inline Vec add(Vec a, Vec b) { return _mm512_add_ps(a, b); }
static inline Vec mulAdd(Vec a, Vec b, Vec c) { return _mm512_fmadd_ps(a, b, c); }
/** b where either is not a number. */
static inline Vec max(Vec a, Vec b) { return _mm512_max_ps(a, b); }

#elif defined(__AVX2__) && defined(__FMA__)

using Vec = __m256;
constexpr int W = 8;
constexpr int TILE_ROWS = 6;  // 6 x 2 sums, 2 weights and 1 input of 16 registers
static inline Vec load(const float* p) { return _mm256_loadu_ps(p); }
static inline void store(float* p, Vec v) { _mm256_storeu_ps(p, v); }
static inline Vec set1(float s) { return _mm256_set1_ps(s); }
static inline Vec add(Vec a, Vec b) { return _mm256_add_ps(a, b); }
static inline Vec mulAdd(Vec a, Vec b, Vec c) { return _mm256_fmadd_ps(a, b, c); }
static inline Vec max(Vec a, Vec b) { return _mm256_max_ps(a, b); }

#elif defined(__ARM_NEON)

using Vec = float32x4_t;
constexpr int W = 4;
constexpr int TILE_ROWS = 12;
static inline Vec load(const float* p) { return vld1q_f32(p); }
static inline void store(float* p, Vec v) { vst1q_f32(p, v); }
static inline Vec set1(float s) { return vdupq_n_f32(s); }
static inline Vec add(Vec a, Vec b) { return vaddq_f32(a, b); }
static inline Vec mulAdd(Vec a, Vec b, Vec c) { return vfmaq_f32(c, a, b); }
static inline Vec max(Vec a, Vec b) { return vmaxq_f32(a, b); }

#else

using Vec = __m128;
constexpr int W = 4;
constexpr int TILE_ROWS = 6;
static inline Vec load(const float* p) { return _mm_loadu_ps(p); }
static inline void store(float* p, Vec v) { _mm_storeu_ps(p, v); }
static inline Vec set1(float s) { return _mm_set1_ps(s); }
static inline Vec add(Vec a, Vec b) { return _mm_add_ps(a, b); }
static inline Vec mulAdd(Vec a, Vec b, Vec c) { return _mm_add_ps(_mm_mul_ps(a, b), c); }
static inline Vec max(Vec a, Vec b) { return _mm_max_ps(a, b); }

#endif

/** Not-a-number stays: max() gives its second argument then. */
static inline Vec rectify(Vec v) { return max(set1(0), v); }
static inline float rectify(float v) { return v < 0 ? 0 : v; }

/** Halves are added to halves, so the sum takes few steps. */
static inline float sum(Vec v) {
  float lanes[W];
  store(lanes, v);
  for (int width = W / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; ++i) lanes[i] += lanes[i + width];
  }
  return lanes[0];
}

}  // namespace STINT_ISA
}  // namespace stint
