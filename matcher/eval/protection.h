// What the school transform gives, measured (ISO/IEC 24745, ISO/IEC 30136): unlinkability of two
// schools, linkability within one, and what is left when the key is stolen. Pure.
#ifndef LADON_MATCHER_EVAL_PROTECTION_H_
#define LADON_MATCHER_EVAL_PROTECTION_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "matcher/eval/coded_set.h"

namespace ladon::matcher::eval {

struct ProtectionFigures {
  // D_sys of protected templates compared as they lie, without alignment: who gets hold of two
  // stores can do no better without a key.
  double d_sys_two_keys = 0;
  double d_sys_same_key = 0;
  // EER of comparing stolen templates, undone with the stolen key, with probes in the clear: one
  // template a palm. The transform is isometric, so this is the plain code's own error rate.
  double stolen_key_eer = 0;
  // The correlation attack (seriation.h) on one row a capture of one school: as the transform alone
  // leaves them, and as they lie in memory. NaN for fewer than 100 rows.
  double seriation_transformed = 0;
  double seriation_in_memory = 0;
};

// Up to 4 000 different pairs of each kind, drawn by `seed`, under kKeyPairs pairs of keys; with
// fewer than 100 the two D_sys are NaN, with some hundreds chance alone makes them 0.02 to 0.05.
// ResourceExhausted: no secret memory for the key that rows in memory lie under.
[[nodiscard]] absl::StatusOr<ProtectionFigures> MeasureProtection(const CodedSet& set,
                                                                  uint64_t seed);

}  // namespace ladon::matcher::eval

#endif  // LADON_MATCHER_EVAL_PROTECTION_H_
