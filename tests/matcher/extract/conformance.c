/* Goal: an extractor, on whatever CPU, gives the codes of the conformance vectors.
 * Method: every tests/matcher/extract/vectors/NAME.pgm through the C interface, beside NAME.codes.
 * Floating point may round the weakest cells differently on another CPU: at most CELLS_MAX of the
 * 1 024 cells of a code may differ. Then every refusal, by number and word.
 *
 *   conformance FOLDER NAME...
 */
#include <ladon_extract.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_BYTES = 4, PLANE_BYTES = 128, PLANES = 7, CELLS_MAX = 10, SIDE = 128 };
static uint8_t codes[LADON_EXTRACT_PROBE_CODES * LADON_EXTRACT_CODE_BYTES];
static uint8_t expected[sizeof codes];
static int failures = 0;

static void expect(int holds, const char* what) {
  if (holds) return;
  ++failures;
  fprintf(stderr, "FAILED: %s\n", what);
}

/* A cell is one bit of each of the seven planes. */
static int differing_cells(const uint8_t* one, const uint8_t* other) {
  int cells = 0;
  for (int byte = 0; byte < PLANE_BYTES; ++byte) {
    uint8_t differing = 0;
    for (int plane = 0; plane < PLANES; ++plane) {
      const int at = HEADER_BYTES + plane * PLANE_BYTES + byte;
      differing |= (uint8_t)(one[at] ^ other[at]);
    }
    for (; differing != 0; differing &= (uint8_t)(differing - 1)) ++cells;
  }
  return cells;
}

static FILE* open_vector(const char* folder, const char* name, const char* extension) {
  char path[512];
  snprintf(path, sizeof path, "%s/%s.%s", folder, name, extension);
  FILE* file = fopen(path, "rb");
  if (file == NULL) {
    fprintf(stderr, "%s: cannot be read\n", path);
    exit(4);
  }
  return file;
}

static void check_vector(const char* folder, const char* name) {
  static uint8_t grey[LADON_EXTRACT_SIDE_MAX * LADON_EXTRACT_SIDE_MAX];
  uint8_t template_code[LADON_EXTRACT_CODE_BYTES];
  unsigned width = 0;
  unsigned height = 0;
  int quality = -1;
  FILE* picture = open_vector(folder, name, "pgm");
  expect(fscanf(picture, "P5 %u %u 255%*c", &width, &height) == 2 && width <= 1024 &&
             height <= 1024 && fread(grey, width, height, picture) == height,
         "the picture is complete");
  fclose(picture);
  FILE* file = open_vector(folder, name, "codes");
  expect(fread(expected, 1, sizeof expected, file) == sizeof expected, "the codes are complete");
  fclose(file);

  expect(ladon_extract_probe(grey, width, height, width, codes, &quality) == LADON_EXTRACT_OK,
         "a probe is extracted");
  expect(quality >= 0 && quality <= 100, "quality is from 0 to 100");
  int worst = 0;
  for (int code = 0; code < LADON_EXTRACT_PROBE_CODES; ++code) {
    const size_t at = (size_t)code * LADON_EXTRACT_CODE_BYTES;
    const int cells = differing_cells(codes + at, expected + at);
    if (cells > worst) worst = cells;
    expect(memcmp(codes + at, expected + at, HEADER_BYTES) == 0, "the header is the same");
  }
  printf("%s: %d of 1024 cells differ at most, quality %d\n", name, worst, quality);
  expect(worst <= CELLS_MAX, "the codes are those of the vector");
  expect(
      ladon_extract_template(grey, width, height, width, template_code, NULL) == LADON_EXTRACT_OK &&
          memcmp(template_code, codes, sizeof template_code) == 0,
      "the template is the probe's first code");
}

static void check_refusals(void) {
  static uint8_t grey[SIDE * SIDE];
  uint8_t untouched = 0x5a;
  codes[0] = untouched;
  expect(ladon_extract_abi() == LADON_EXTRACT_ABI, "library and header are of one ABI");
  expect(ladon_extract_probe(NULL, SIDE, SIDE, SIDE, codes, NULL) == LADON_EXTRACT_INVALID_ARGUMENT,
         "no pixels");
  expect(ladon_extract_probe(grey, SIDE, SIDE, SIDE, NULL, NULL) == LADON_EXTRACT_INVALID_ARGUMENT,
         "nowhere to write");
  expect(ladon_extract_probe(grey, SIDE, SIDE, SIDE - 1, codes, NULL) ==
             LADON_EXTRACT_INVALID_ARGUMENT,
         "rows that overlap");
  expect(ladon_extract_probe(grey, SIDE, 95, SIDE, codes, NULL) == LADON_EXTRACT_TOO_SMALL,
         "a low picture");
  expect(ladon_extract_probe(grey, 1025, SIDE, 1025, codes, NULL) == LADON_EXTRACT_TOO_LARGE,
         "a wide picture");
  expect(ladon_extract_probe(grey, SIDE, SIDE, SIDE, codes, NULL) == LADON_EXTRACT_TOO_DARK,
         "a black picture");
  memset(grey, 255, sizeof grey);
  expect(ladon_extract_probe(grey, SIDE, SIDE, SIDE, codes, NULL) == LADON_EXTRACT_SATURATED,
         "a white picture");
  memset(grey, 120, sizeof grey);
  expect(ladon_extract_probe(grey, SIDE, SIDE, SIDE, codes, NULL) == LADON_EXTRACT_NO_PALM,
         "a grey picture");
  expect(codes[0] == untouched, "a refusal writes nothing");
  expect(strcmp(ladon_extract_word(LADON_EXTRACT_TOO_DARK), "TOO_DARK") == 0, "a word");
  expect(strcmp(ladon_extract_word(-1), "UNKNOWN") == 0, "no word");
}

int main(int argc, char** argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: %s FOLDER NAME...\n", argv[0]);
    return 2;
  }
  check_refusals();
  for (int i = 2; i < argc; ++i) check_vector(argv[1], argv[i]);
  return failures == 0 ? 0 : 1;
}
