#include "image.h"

namespace stint {

Normalisation::Normalisation(const double mean[3], const double std[3]) {
  for (int channel = 0; channel < 3; ++channel) {
    for (int byte = 0; byte < 256; ++byte) values[channel][byte] = static_cast<float>((byte - mean[channel]) / std[channel]);
  }
}

void normaliseImage(Engine& engine, const Normalisation& normalisation, const Image& image, const MapShape& shape, float* output) {
  engine.pool.run(shape.height, [&](int64_t y, int) {
    float* to = output + y * shape.width * 3;
    float* const end = to + shape.width * 3;
    if (y < image.height) {
      const uint8_t* from = image.bytes + y * image.width * 3;
      for (int64_t x = 0; x < image.width; ++x, from += 3, to += 3) {
        for (int channel = 0; channel < 3; ++channel) to[channel] = normalisation.values[channel][from[channel]];
      }
    }
    std::fill(to, end, 0.0f);
  });
}

}  // namespace stint
