// The two 32-bit mixers of the counter-based noise of @stint/core-sampling (noise.ts there explains them). Internal linkage: see simd.h.
#pragma once

#include <cstdint>

namespace stint {

static inline uint32_t mix(uint32_t h) {
  h ^= h >> 17;
  h *= 0xed5ad4bbu;
  h ^= h >> 11;
  h *= 0xac4c1b51u;
  h ^= h >> 15;
  h *= 0x31848babu;
  return h ^ (h >> 14);
}

/** Two words of a hashed key. */
struct StreamKey {
  uint32_t k0, k1;
};

/** Number i of the stream, in [0,1), a multiple of 2^-24. */
static inline float uniformAt(StreamKey key, uint32_t i) {
  uint32_t h = mix(i + key.k0) ^ key.k1;
  h ^= h >> 16;
  h *= 0x21f0aaadu;
  h ^= h >> 15;
  h *= 0x735a2d97u;
  h ^= h >> 15;
  return static_cast<float>(static_cast<int32_t>(h >> 8)) * 0x1p-24f;
}

}  // namespace stint
