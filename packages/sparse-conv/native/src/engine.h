// What the drivers work with: the kernels of one instruction set, threads, and memory kept from call to call.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "buffer.h"
#include "kernels.h"
#include "rbf.h"
#include "thread_pool.h"

namespace stint {

struct ThreadScratch {
  Buffer<const float*> pointers;
  Buffer<float*> outputs;
  Buffer<const float*> residuals;
  Buffer<float> edges;
};

struct PreparedRbf {
  int window;
  float sigma;
  std::unique_ptr<Rbf> rbf;
};

constexpr size_t MAX_RBFS = 256;  // a network with a sigma of its own in each layer has fewer

struct Engine {
  Engine(const Kernels& kernels, int threads) : kernels(kernels), pool(threads), scratch(threads) {}

  /** `count` zeros, to read where a window leaves the map. Call before the threads start. */
  const float* zeros(size_t count) {
    if (count > zeroRow.capacity()) std::memset(zeroRow.reserve(count), 0, count * sizeof(float));
    return zeroRow.data();
  }

  /** Prepared at the first call. Call before the threads start. */
  const Rbf& rbf(int window, float sigma) {
    for (const PreparedRbf& known : rbfs) {
      if (known.window == window && known.sigma == sigma) return *known.rbf;
    }
    if (rbfs.size() >= MAX_RBFS) rbfs.clear();
    rbfs.push_back({window, sigma, std::make_unique<Rbf>(window, sigma)});
    return *rbfs.back().rbf;
  }

  const Kernels& kernels;
  ThreadPool pool;
  bool busy = false;  // a program runs on another thread; looked at and set by the thread of JavaScript only
  std::vector<ThreadScratch> scratch;  // one a thread
  Buffer<float> zeroRow;
  Buffer<float> heads;      // mask heads: products of every position with the 18 taps
  Buffer<uint64_t> bits;    // interpolation: the mask as bits
  std::vector<PreparedRbf> rbfs;
  Buffer<float> noise;      // mask drawing
  Buffer<float> sums;       // mean pooling: of each row of a map
};

/** A batch of maps, NHWC. */
struct MapShape {
  int64_t batch, height, width, channels;
  int64_t cells() const { return batch * height * width; }
};

/** Side of the output: the padding is kernel >> 1, so the odd kernel does not matter. */
inline int64_t outputSize(int64_t size, int64_t stride) { return (size - 1) / stride + 1; }

}  // namespace stint
