/* A terminal's first steps: a binary PGM picture in, the codes of a probe out.
 *
 *   cc example.c -lladon_extract -o example && ./example palm.pgm probe.bin
 */
#include <ladon_extract.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char** argv) {
  unsigned width = 0;
  unsigned height = 0;
  int quality = 0;
  static uint8_t codes[LADON_EXTRACT_PROBE_CODES * LADON_EXTRACT_CODE_BYTES];
  if (argc != 3 || ladon_extract_abi() != LADON_EXTRACT_ABI) {
    fprintf(stderr, "usage: %s PICTURE.pgm PROBE.bin\n", argv[0]);
    return 2;
  }
  FILE* picture = fopen(argv[1], "rb");
  /* Numbers only. NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.*) */
  if (picture == NULL || fscanf(picture, "P5 %u %u 255%*c", &width, &height) != 2 ||
      width > LADON_EXTRACT_SIDE_MAX || height > LADON_EXTRACT_SIDE_MAX) {
    fprintf(stderr, "%s: not a binary PGM of 8 bits\n", argv[1]);
    return 4;
  }
  uint8_t* grey = malloc((size_t)width * height);
  if (grey == NULL || fread(grey, width, height, picture) != height) {
    fprintf(stderr, "%s: cut off\n", argv[1]);
    return 4;
  }
  fclose(picture);
  const int result = ladon_extract_probe(grey, width, height, width, codes, &quality);
  free(grey);
  if (result != LADON_EXTRACT_OK) {
    fprintf(stderr, "%s\n", ladon_extract_word(result));
    return 3;
  }
  FILE* probe = fopen(argv[2], "wb");
  if (probe == NULL || fwrite(codes, 1, sizeof codes, probe) != sizeof codes ||
      fclose(probe) != 0) {
    fprintf(stderr, "%s: cannot be written\n", argv[2]);
    return 4;
  }
  printf("%d codes, quality %d\n", LADON_EXTRACT_PROBE_CODES, quality);
  return 0;
}
