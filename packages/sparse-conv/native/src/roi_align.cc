// The sampling grid of a RoI is separable and its bilinear samples are sums of cells, so each axis is worked out once as taps, neighbouring
// samples sharing theirs, and a bin is one weighted sum of the rows of its cells.
#include "roi_align.h"

#include <cmath>

namespace stint {
namespace {

constexpr double CANONICAL_SIZE = 224;  // pixels of a box that belongs to the level of stride 2^4
constexpr double CANONICAL_LEVEL = 4;
constexpr double MAX_SAMPLES = 1 << 20;  // of a bin's axis; beyond, boxes are absurd but must not take forever

/** Cells of one axis, bin after bin, and their weights. */
struct AxisTaps {
  struct Tap {
    int64_t cell;
    double weight;
  };
  std::vector<Tap> taps;
  std::vector<size_t> begin;  // of each bin, and the end

  void find(double low, double high, double scale, int bins, int64_t cells, int samplingRatio) {
    taps.clear();
    begin.assign(1, 0);
    const double start = low * scale;
    const double length = std::max((high - low) * scale, 1.0);
    const double binLength = length / bins;
    const double samples = samplingRatio > 0 ? samplingRatio : std::min(std::ceil(binLength), MAX_SAMPLES);
    for (int bin = 0; bin < bins; ++bin) {
      if (std::isfinite(start) && std::isfinite(length)) findBin(start, binLength, bin, samples, cells);
      begin.push_back(taps.size());
    }
  }

 private:
  void findBin(double start, double length, int bin, double samples, int64_t cells) {
    // More than one cell outside counts as 0; up to one cell outside the border cell is repeated. A wide bin's samples outside are not
    // even looked at.
    const double first = std::max(((-1 - start) / length - bin) * samples - 2, 0.0);
    const double last = std::min(((cells - start) / length - bin) * samples + 2, samples);
    for (double sample = std::floor(first); sample < last; ++sample) {
      const double position = start + length * (bin + (sample + 0.5) / samples);
      if (!(position >= -1 && position <= static_cast<double>(cells))) continue;
      const double inside = std::min(std::max(position, 0.0), static_cast<double>(cells - 1));
      const int64_t cell = static_cast<int64_t>(inside);
      add(cell, (1 - (inside - cell)) / samples);
      add(cell + 1, (inside - cell) / samples);
    }
  }

  /** Positions rise, so an equal cell can only be among the bin's last two. */
  void add(int64_t cell, double weight) {
    if (weight == 0) return;
    for (size_t t = taps.size(); t > begin.back() && t + 2 > taps.size(); --t) {
      if (taps[t - 1].cell == cell) {
        taps[t - 1].weight += weight;
        return;
      }
    }
    taps.push_back({cell, weight});
  }
};

/** What one thread needs. */
struct Pooler {
  AxisTaps vertical, horizontal;
  std::vector<const float*> rows;
  std::vector<float> weights;

  void pool(const Kernels& kernels, const RoiAlign& align, int64_t roi) {
    const float* box = align.rois + 4 * roi;
    const RoiLevel& level = levelOf(align, box);
    const int64_t channels = level.shape.channels;
    vertical.find(box[1], box[3], 1.0 / level.stride, align.size, level.shape.height, align.samplingRatio);
    horizontal.find(box[0], box[2], 1.0 / level.stride, align.size, level.shape.width, align.samplingRatio);
    for (int bin = 0; bin < align.size * align.size; ++bin) {
      gather(level, bin / align.size, bin % align.size);
      Blend blend = {};
      blend.rows = rows.data();
      blend.weights = weights.data();
      blend.count = static_cast<int>(rows.size());
      blend.channels = static_cast<int>(channels);
      blend.out = align.output + (roi * align.size * align.size + bin) * channels;
      kernels.blend(blend);
    }
  }

 private:
  /** k = floor(k0 + log2(sqrt(w h) / s0)). */
  static const RoiLevel& levelOf(const RoiAlign& align, const float* box) {
    const float area = static_cast<float>((static_cast<double>(box[2]) - box[0]) * (static_cast<double>(box[3]) - box[1]));
    const double level = std::floor(CANONICAL_LEVEL + std::log2(std::sqrt(static_cast<double>(area)) / CANONICAL_SIZE) + 1e-6);
    const double index = level - std::log2(static_cast<double>(align.levels[0].stride));
    if (!(index > 0)) return align.levels.front();
    return align.levels[static_cast<size_t>(std::min(index, align.levels.size() - 1.0))];
  }

  void gather(const RoiLevel& level, int row, int column) {
    rows.clear();
    weights.clear();
    // Without a weight the kernel would take the other kind of weights.
    weights.reserve(1);
    for (size_t y = vertical.begin[row]; y < vertical.begin[row + 1]; ++y) {
      for (size_t x = horizontal.begin[column]; x < horizontal.begin[column + 1]; ++x) {
        const int64_t cell = vertical.taps[y].cell * level.shape.width + horizontal.taps[x].cell;
        rows.push_back(level.input + cell * level.shape.channels);
        weights.push_back(static_cast<float>(vertical.taps[y].weight * horizontal.taps[x].weight));
      }
    }
  }
};

}  // namespace

void roiAlign(Engine& engine, const RoiAlign& align) {
  std::vector<Pooler> poolers(engine.pool.size());
  engine.pool.run(align.count, [&](int64_t roi, int thread) { poolers[thread].pool(engine.kernels, align, roi); });
}

}  // namespace stint
