// The gradients of a depthwise convolution in bfloat16, for images stored with channels last.
//
// It processes 16 channels of a photo at a time: it copies them into a padded buffer that fits into the level 1 cache,
// and accumulates in single precision. Several threads can process different photos.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

namespace {

constexpr int64_t kLanes = 16;
typedef float Floats __attribute__((vector_size(64)));
typedef uint32_t Words __attribute__((vector_size(64)));
typedef uint16_t Halves __attribute__((vector_size(32)));

inline Floats read(const uint16_t* source) {
  Halves halves;
  std::memcpy(&halves, source, sizeof(halves));
  return reinterpret_cast<Floats>(__builtin_convertvector(halves, Words) << 16);
}

inline void write(uint16_t* target, Floats values) {
  Words words = reinterpret_cast<Words>(values);
  words += 0x7fff + ((words >> 16) & 1);  // round to the nearest, ties to even
  Halves halves = __builtin_convertvector(words >> 16, Halves);
  std::memcpy(target, &halves, sizeof(halves));
}

template <int K>
void gradients(const uint16_t* image, const uint16_t* output_gradient, const float* weight, uint16_t* image_gradient,
               float* weight_gradient, int64_t n, int64_t height, int64_t width, int64_t channels, int64_t rows,
               int64_t columns, int64_t stride, int64_t padding) {
  const int64_t n_blocks = channels / kLanes;
  const int64_t padded_height = std::max((rows - 1) * stride + K, height + padding);
  const int64_t padded_width = std::max((columns - 1) * stride + K, width + padding);
  std::vector<Floats> sums(n_blocks * K * K, Floats{});
  std::vector<Floats> padded(padded_height * padded_width, Floats{}), gradient(padded_height * padded_width);
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t block = 0; block < n_blocks; ++block) {
      const int64_t offset = block * kLanes;
      const uint16_t* own = image + i * height * width * channels + offset;
      for (int64_t y = 0; y < height; ++y)
        for (int64_t x = 0; x < width; ++x)
          padded[(y + padding) * padded_width + x + padding] = read(own + (y * width + x) * channels);
      std::fill(gradient.begin(), gradient.end(), Floats{});
      Floats factors[K * K], totals[K * K];
      for (int tap = 0; tap < K * K; ++tap) {
        std::memcpy(&factors[tap], weight + tap * channels + offset, sizeof(Floats));
        totals[tap] = sums[block * K * K + tap];
      }
      const uint16_t* incoming = output_gradient + i * rows * columns * channels + offset;
      for (int64_t y = 0; y < rows; ++y) {
        for (int64_t x = 0; x < columns; ++x) {
          const Floats value = read(incoming + (y * columns + x) * channels);
          const Floats* source = &padded[y * stride * padded_width + x * stride];
#pragma GCC unroll 25
          for (int tap = 0; tap < K * K; ++tap)
            totals[tap] += value * source[tap / K * padded_width + tap % K];
        }
      }
      for (int64_t y = 0; y < rows; ++y) {
        for (int64_t x = 0; x < columns; ++x) {
          const Floats value = read(incoming + (y * columns + x) * channels);
          Floats* target = &gradient[y * stride * padded_width + x * stride];
#pragma GCC unroll 25
          for (int tap = 0; tap < K * K; ++tap)
            target[tap / K * padded_width + tap % K] += value * factors[tap];
        }
      }
      for (int tap = 0; tap < K * K; ++tap) sums[block * K * K + tap] = totals[tap];
      uint16_t* result = image_gradient + i * height * width * channels + offset;
      for (int64_t y = 0; y < height; ++y)
        for (int64_t x = 0; x < width; ++x)
          write(result + (y * width + x) * channels, gradient[(y + padding) * padded_width + x + padding]);
    }
  }
  for (int64_t block = 0; block < n_blocks; ++block)
    for (int tap = 0; tap < K * K; ++tap)
      for (int64_t lane = 0; lane < kLanes; ++lane)
        weight_gradient[tap * channels + block * kLanes + lane] += sums[block * K * K + tap][lane];
}

}  // namespace

// image (n, height, width, channels), output_gradient (n, rows, columns, channels), weight (k, k, channels).
// image_gradient has the shape of image. weight_gradient has the shape of weight, and is added to.
extern "C" void depthwise_gradients(const uint16_t* image, const uint16_t* output_gradient, const float* weight,
                                    uint16_t* image_gradient, float* weight_gradient, int64_t k, int64_t n,
                                    int64_t height, int64_t width, int64_t channels, int64_t rows, int64_t columns,
                                    int64_t stride, int64_t padding) {
  (k == 3 ? gradients<3> : gradients<5>)(image, output_gradient, weight, image_gradient, weight_gradient, n, height,
                                         width, channels, rows, columns, stride, padding);
}
