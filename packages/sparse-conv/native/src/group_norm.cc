#include "group_norm.h"

#include <cmath>

namespace stint {
namespace {

constexpr double ADDED = 1e-5;  // to the variance

/** Sum over a row's cells of each channel, of x or of (x - mean)^2. */
void sumRow(const float* cells, const GroupNorm& norm, const float* mean, float* sums) {
  const int64_t channels = norm.shape.channels;
  std::fill_n(sums, channels, 0.0f);
  for (int64_t x = 0; x < norm.shape.width; ++x, cells += channels) {
    if (mean) {
      for (int64_t c = 0; c < channels; ++c) sums[c] += (cells[c] - mean[c]) * (cells[c] - mean[c]);
    } else {
      for (int64_t c = 0; c < channels; ++c) sums[c] += cells[c];
    }
  }
}

/** A row in place. */
template <bool RELU>
void normaliseRow(float* __restrict cells, int64_t width, int64_t channels, const float* __restrict mean, const float* __restrict factor,
                  const float* __restrict shift) {
  for (int64_t x = 0; x < width; ++x, cells += channels) {
    for (int64_t c = 0; c < channels; ++c) {
      const float value = (cells[c] - mean[c]) * factor[c] + shift[c];
      cells[c] = RELU && value < 0 ? 0 : value;
    }
  }
}

}  // namespace

void groupNorm(Engine& engine, const GroupNorm& norm) {
  const auto [batch, height, width, channels] = norm.shape;
  const int64_t rows = batch * height, cells = width * channels, size = channels / norm.groups;
  // Each row's sums first: the result does not depend on who sums which row, and no sum of floats gets as long as the map.
  float* sums = engine.sums.reserve((rows + 2 * batch) * channels);
  float* means = sums + rows * channels;
  float* factors = means + batch * channels;
  const double count = static_cast<double>(height * width * size);
  /** Of each group of each image, spread over its channels. */
  auto reduce = [&](float* out, auto&& finish) {
    for (int64_t group = 0; group < batch * norm.groups; ++group) {
      const int64_t image = group / norm.groups, first = group % norm.groups * size;
      double sum = 0;
      for (int64_t y = 0; y < height; ++y) {
        const float* row = sums + (image * height + y) * channels + first;
        for (int64_t c = 0; c < size; ++c) sum += row[c];
      }
      for (int64_t c = first; c < first + size; ++c) out[image * channels + c] = finish(sum / count, c);
    }
  };
  engine.pool.run(rows, [&](int64_t row, int) { sumRow(norm.input + row * cells, norm, nullptr, sums + row * channels); });
  reduce(means, [](double mean, int64_t) { return static_cast<float>(mean); });
  engine.pool.run(rows, [&](int64_t row, int) {
    sumRow(norm.input + row * cells, norm, means + row / height * channels, sums + row * channels);
  });
  reduce(factors, [&](double variance, int64_t c) { return static_cast<float>(norm.scale[c] / std::sqrt(variance + ADDED)); });
  engine.pool.run(rows, [&](int64_t row, int) {
    float* out = norm.output + row * cells;
    if (norm.output != norm.input) std::copy_n(norm.input + row * cells, cells, out);
    const int64_t image = row / height * channels;
    const auto normalise = norm.relu ? normaliseRow<true> : normaliseRow<false>;
    normalise(out, width, channels, means + image, factors + image, norm.shift);
  });
}

}  // namespace stint
