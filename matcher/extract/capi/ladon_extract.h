/* libladon_extract: from the pixels of a palm sensor to vein codes, for terminals in any language.
 *
 * A terminal sends a probe (ladon_extract_probe) with each purchase and templates
 * (ladon_extract_template) at enrolment; images never leave it. The pixels are 8-bit grey, near
 * infrared, of the palm region only or of a whole hand before a dark background, fingers up; the
 * picture itself tells which. A code is 900 bytes, described in matcher/README.md of Ladon.
 *
 * Threads: every function may be called from any thread at any time. Nothing is kept of the pixels.
 * Memory: the library returns no memory that must be freed. It never exits or aborts the process;
 * without memory it returns LADON_EXTRACT_INTERNAL.
 *
 * ABI: symbols and numbers of one LADON_EXTRACT_ABI never change. Link with -lladon_extract.
 */
#ifndef LADON_EXTRACT_H_
#define LADON_EXTRACT_H_

#include <stddef.h>
#include <stdint.h>

/* Names of C, for C. */
/* NOLINTBEGIN(readability-identifier-naming,modernize-*,performance-enum-size) */

#ifdef __cplusplus
extern "C" {
#endif

#define LADON_EXTRACT_ABI 1
#define LADON_EXTRACT_CODE_BYTES 900
#define LADON_EXTRACT_PROBE_CODES 5
#define LADON_EXTRACT_SIDE_MIN 96
#define LADON_EXTRACT_SIDE_MAX 1024

/* Why there is no code. 1 to 3: these pixels will never do; 4 and on: another shot may. */
enum ladon_extract_result {
  LADON_EXTRACT_OK = 0,
  LADON_EXTRACT_INVALID_ARGUMENT = 1, /* A null pointer, or a stride less than the width. */
  LADON_EXTRACT_TOO_SMALL = 2,        /* A side below LADON_EXTRACT_SIDE_MIN. */
  LADON_EXTRACT_TOO_LARGE = 3,        /* A side above LADON_EXTRACT_SIDE_MAX. */
  LADON_EXTRACT_TOO_DARK = 4,
  LADON_EXTRACT_SATURATED = 5,
  LADON_EXTRACT_NO_PALM = 6,
  LADON_EXTRACT_HAND_ABSENT = 7,
  LADON_EXTRACT_FINGERS_CLOSED = 8,
  LADON_EXTRACT_HAND_CUT_OFF = 9,
  LADON_EXTRACT_INTERNAL = 10
};

/* LADON_EXTRACT_ABI of the library that is loaded: compare it with the header's. */
uint32_t ladon_extract_abi(void);

/* A stable upper-case word for a result ("TOO_DARK"); "UNKNOWN" for other numbers. Static. */
const char* ladon_extract_word(int result);

/* One code, for enrolment. `grey`: height rows of width pixels, rows `stride` bytes apart, at least
 * width. `code`: LADON_EXTRACT_CODE_BYTES bytes, written on success only. `quality`: 0 to 100, 50
 * is ordinary; may be NULL. Returns enum ladon_extract_result. */
int ladon_extract_template(const uint8_t* grey, uint32_t width, uint32_t height, size_t stride,
                           uint8_t* code, int* quality);

/* LADON_EXTRACT_PROBE_CODES codes one after another, for Identify and Debit: the poses a hand may
 * have taken. `codes`: LADON_EXTRACT_PROBE_CODES * LADON_EXTRACT_CODE_BYTES bytes. Else as above.
 */
int ladon_extract_probe(const uint8_t* grey, uint32_t width, uint32_t height, size_t stride,
                        uint8_t* codes, int* quality);

#ifdef __cplusplus
}
#endif

/* NOLINTEND(readability-identifier-naming,modernize-*,performance-enum-size) */

#endif /* LADON_EXTRACT_H_ */
