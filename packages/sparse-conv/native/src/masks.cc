#include "masks.h"

#include <cmath>

namespace stint {
namespace {

/** Absorbs whole numbers into two words: hashKey of core-sampling. Both halves of a 53-bit number count. */
StreamKey hashKey(const double* key, int64_t length) {
  StreamKey words = {mix(static_cast<uint32_t>(length) + 0x9e3779b9u), mix(static_cast<uint32_t>(length) + 0x7f4a7c15u)};
  for (int64_t i = 0; i < length; ++i) {
    const int64_t part = static_cast<int64_t>(key[i]);
    for (const uint32_t word : {static_cast<uint32_t>(part), static_cast<uint32_t>(part >> 32)}) {
      words.k0 = mix(words.k0 * 5 + word + 0x6a09e667u);
      words.k1 = mix((words.k1 ^ word) * 9 + 0x3c6ef372u);
    }
  }
  return words;
}

/** Thresholds of one image: the tile, shifted by the key, each at a random place inside its rank's interval. */
class BlueNoise {
 public:
  BlueNoise(const MaskDraw& d, int64_t image) : d_(d) {
    std::vector<double> key(d.key, d.key + d.keyLength);
    key.push_back(static_cast<double>(image));
    shift_ = hashKey(key.data(), d.keyLength + 1);
    jitter_ = uniformAt(shift_, 0);
  }

  void row(int64_t y, float* out) const {
    const int64_t size = d_.tileSize;
    const int32_t* ranks = d_.tile + (y + shift_.k0) % size * size;
    const double cells = static_cast<double>(size * size);
    for (int64_t x = 0; x < d_.width; ++x) out[x] = static_cast<float>((ranks[(x + shift_.k1) % size] + jitter_) / cells);
  }

 private:
  const MaskDraw& d_;
  StreamKey shift_;
  double jitter_;
};

/** Appends the positions of a row's cells that are 1. */
int64_t append(const uint8_t* mask, int64_t first, int64_t width, int32_t* positions, int64_t count) {
  for (int64_t x = 0; x < width; ++x) {
    positions[count] = static_cast<int32_t>(first + x);
    count += mask[x];
  }
  return count;
}

void below(const float* thresholds, const float* probability, int64_t width, uint8_t* mask) {
  for (int64_t x = 0; x < width; ++x) mask[x] = thresholds[x] < probability[x];
}

}  // namespace

int64_t drawMask(Engine& engine, const MaskDraw& d) {
  float* noise = engine.noise.reserve(d.width);
  const StreamKey key = hashKey(d.key, d.keyLength);
  int64_t count = 0;
  for (int64_t image = 0; image < d.batch; ++image) {
    const BlueNoise blue(d, image);
    for (int64_t y = 0; y < d.height; ++y) {
      const int64_t first = (image * d.height + y) * d.width;
      uint8_t* mask = d.mask + first;
      switch (d.draw) {
        case Draw::stochastic:
          engine.kernels.uniform(key, static_cast<uint32_t>(first), d.width, noise);
          below(noise, d.probability + first, d.width, mask);
          break;
        case Draw::blueNoise:
          blue.row(y, noise);
          below(noise, d.probability + first, d.width, mask);
          break;
        case Draw::random:
          engine.kernels.uniform(key, static_cast<uint32_t>(first), d.width, noise);
          for (int64_t x = 0; x < d.width; ++x) mask[x] = noise[x] < d.density;
          break;
        case Draw::deterministic:
          for (int64_t x = 0; x < d.width; ++x) mask[x] = d.probability[first + x] >= 0.5f;
          break;
      }
      if (d.interval > 0 && y % d.interval == 0) {
        for (int64_t x = 0; x < d.width; x += d.interval) mask[x] = 1;
      }
      count = append(mask, first, d.width, d.positions, count);
    }
  }
  return count;
}

int64_t dilate(const Dilation& d) {
  const int64_t outHeight = outputSize(d.height, d.stride), outWidth = outputSize(d.width, d.stride);
  std::memset(d.mask, 0, d.batch * d.height * d.width);
  for (int64_t i = 0; i < d.count; ++i) {
    const int64_t position = d.outputs[i];
    const int64_t top = position / outWidth % outHeight * d.stride - d.kernel / 2, left = position % outWidth * d.stride - d.kernel / 2;
    const int64_t from = std::max<int64_t>(left, 0), to = std::min<int64_t>(left + d.kernel, d.width);
    uint8_t* image = d.mask + position / (outHeight * outWidth) * d.height * d.width;
    for (int64_t y = std::max<int64_t>(top, 0); y < std::min<int64_t>(top + d.kernel, d.height); ++y) {
      std::memset(image + y * d.width + from, 1, to - from);
    }
  }
  return append(d.mask, 0, d.batch * d.height * d.width, d.positions, 0);
}

}  // namespace stint
