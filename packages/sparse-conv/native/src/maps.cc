#include "maps.h"

namespace stint {

void maxPool(Engine& engine, const float* input, const MapShape& s, float* output) {
  const int64_t outHeight = outputSize(s.height, 2), outWidth = outputSize(s.width, 2);
  engine.pool.run(s.batch * outHeight, [&](int64_t row, int) {
    const float* image = input + row / outHeight * s.height * s.width * s.channels;
    const int64_t top = row % outHeight * 2 - 1;
    for (int64_t x = 0; x < outWidth; ++x) {
      const float* window[9];
      int count = 0;
      for (int64_t y = std::max<int64_t>(top, 0); y < std::min(top + 3, s.height); ++y) {
        for (int64_t at = std::max<int64_t>(2 * x - 1, 0); at < std::min(2 * x + 2, s.width); ++at) {
          window[count++] = image + (y * s.width + at) * s.channels;
        }
      }
      engine.kernels.maximum(window, count, static_cast<int>(s.channels), output + (row * outWidth + x) * s.channels);
    }
  });
}

void upsampleAdd(Engine& engine, const float* coarse, int64_t coarseHeight, int64_t coarseWidth, const float* fine, const MapShape& s,
                 float* output) {
  engine.pool.run(s.batch * s.height, [&](int64_t row, int) {
    const int64_t image = row / s.height, y = row % s.height * coarseHeight / s.height;
    const float one = 1;
    Blend blend = {};
    blend.weights = &one;
    blend.count = 1;
    blend.channels = static_cast<int>(s.channels);
    for (int64_t x = 0; x < s.width; ++x) {
      const float* from = coarse + ((image * coarseHeight + y) * coarseWidth + x * coarseWidth / s.width) * s.channels;
      const int64_t at = (row * s.width + x) * s.channels;
      blend.rows = &from;
      blend.residual = fine + at;
      blend.out = output + at;
      engine.kernels.blend(blend);
    }
  });
}

void upsampleBilinear(Engine& engine, const float* input, int64_t factor, const MapShape& s, const float* residual, float* output) {
  const int64_t height = ceiledQuotient(s.height, factor), width = ceiledQuotient(s.width, factor);
  /** The two inputs that an output lies between, and the weight of the second. */
  struct Place {
    int64_t first, second;
    float weight;
  };
  auto place = [factor](int64_t out, int64_t size) -> Place {
    const float at = std::max((static_cast<float>(out) + 0.5f) / static_cast<float>(factor) - 0.5f, 0.0f);
    const int64_t first = std::min(static_cast<int64_t>(at), size - 1);
    return {first, std::min(first + 1, size - 1), at - static_cast<float>(first)};
  };
  engine.pool.run(s.batch * s.height, [&](int64_t row, int) {
    const Place y = place(row % s.height, height);
    const float* image = input + row / s.height * height * width * s.channels;
    const float *upper = image + y.first * width * s.channels, *lower = image + y.second * width * s.channels;
    const float* taps[4];
    float weights[4];
    Blend blend = {};
    blend.rows = taps;
    blend.weights = weights;
    blend.count = 4;
    blend.channels = static_cast<int>(s.channels);
    for (int64_t column = 0; column < s.width; ++column) {
      const Place x = place(column, width);
      taps[0] = upper + x.first * s.channels;
      taps[1] = upper + x.second * s.channels;
      taps[2] = lower + x.first * s.channels;
      taps[3] = lower + x.second * s.channels;
      weights[0] = (1 - y.weight) * (1 - x.weight);
      weights[1] = (1 - y.weight) * x.weight;
      weights[2] = y.weight * (1 - x.weight);
      weights[3] = y.weight * x.weight;
      const int64_t at = (row * s.width + column) * s.channels;
      blend.residual = residual ? residual + at : nullptr;
      blend.out = output + at;
      engine.kernels.blend(blend);
    }
  });
}

void subsample(Engine& engine, const float* input, const MapShape& s, int64_t stride, float* output) {
  const int64_t outHeight = outputSize(s.height, stride), outWidth = outputSize(s.width, stride);
  engine.pool.run(s.batch * outHeight, [&](int64_t row, int) {
    const float* from = input + (row / outHeight * s.height + row % outHeight * stride) * s.width * s.channels;
    float* to = output + row * outWidth * s.channels;
    for (int64_t x = 0; x < outWidth; ++x) std::copy_n(from + x * stride * s.channels, s.channels, to + x * s.channels);
  });
}

void meanPool(Engine& engine, const float* input, const MapShape& s, float* output) {
  // Each row's sum first: the result does not depend on who sums which row, and no sum gets as long as the map.
  const int64_t rows = s.batch * s.height;
  float* sums = engine.sums.reserve(rows * s.channels + std::max(s.width, s.height));
  float* weights = sums + rows * s.channels;
  auto sum = [&](const float* cells, int64_t count, float* out, int thread) {
    const float** pointers = engine.scratch[thread].pointers.reserve(count);
    for (int64_t i = 0; i < count; ++i) pointers[i] = cells + i * s.channels;
    Blend blend = {};
    blend.rows = pointers;
    blend.weights = weights;
    blend.count = static_cast<int>(count);
    blend.channels = static_cast<int>(s.channels);
    blend.out = out;
    engine.kernels.blend(blend);
  };
  std::fill_n(weights, s.width, 1.0f);
  engine.pool.run(rows, [&](int64_t row, int thread) {
    sum(input + row * s.width * s.channels, s.width, sums + row * s.channels, thread);
  });
  std::fill_n(weights, s.height, static_cast<float>(1.0 / static_cast<double>(s.height * s.width)));
  engine.pool.run(s.batch, [&](int64_t image, int thread) {
    sum(sums + image * s.height * s.channels, s.height, output + image * s.channels, thread);
  });
}

}  // namespace stint
