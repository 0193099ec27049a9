// Bytes of an image as the network's input.
#pragma once

#include "engine.h"

namespace stint {

/** (byte - mean) / std of three channels, for every byte, rounded once. */
struct Normalisation {
  Normalisation(const double mean[3], const double std[3]);

  float values[3][256];
};

/** RGB bytes, [height,width,3]. */
struct Image {
  const uint8_t* bytes;
  int64_t height, width;
};

/** output [1,H,W,3]: the image at the top left, zeros elsewhere. The image is at most as large as the map. */
void normaliseImage(Engine& engine, const Normalisation& normalisation, const Image& image, const MapShape& shape, float* output);

}  // namespace stint
