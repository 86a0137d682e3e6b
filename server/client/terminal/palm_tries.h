// When a till stops asking for the palm. Nobody waits at it for a sensor: after kPalmTriesMax
// refusals within one sale the till offers card, PIN and class list at once, and after a refusal
// that another palm cannot cure at the first. Threading: plain values.
#ifndef LADON_SERVER_CLIENT_TERMINAL_PALM_TRIES_H_
#define LADON_SERVER_CLIENT_TERMINAL_PALM_TRIES_H_

#include <string_view>

namespace ladon::terminal {

inline constexpr int kPalmTriesMax = 2;

enum class AfterPalm {
  kAgain,       // Show the palm again.
  kOtherMeans,  // Offer the others now.
  kRefused,     // Nothing that another means would change.
};

class PalmTries {
 public:
  // Another palm was refused for `reason`: that of the server, or of the extractor.
  AfterPalm Refused(std::string_view reason);

 private:
  int refused_ = 0;
};

}  // namespace ladon::terminal

#endif  // LADON_SERVER_CLIENT_TERMINAL_PALM_TRIES_H_
