// How often a certificate may do what must not be done often: show a palm that nobody is found for,
// or a card that is nobody's, try a PIN, read a class list, book by one. Cards that miss are
// counted by card and by address too; a till that misses so often is told, as the palms' is.
//
// Each certificate (card, address) has a bucket of tries that fills up again with time (a token
// bucket). An attempt takes one before anything is searched or compared, so that parallel attempts
// cannot outrun the count. Where only misses shall count, a hit gives its try back: no score leaves
// the service, so who would climb towards somebody's palm, or try a collection of palms, has yes
// and no to go by, and many attempts to make; a lunch with a third of misses never empties the
// bucket. An empty one refuses this one thing to this one certificate: other means and other
// terminals go on.
//
// Threading: any thread.
#ifndef LADON_SERVER_FLOW_THROTTLE_H_
#define LADON_SERVER_FLOW_THROTTLE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "server/base/id.h"

namespace ladon::flow {

// The defaults are those of palms.
struct ThrottleOptions {
  uint32_t burst = 40;       // A full bucket; 0: no throttling.
  uint32_t per_minute = 12;  // How fast it fills.
  // Called once whenever somebody's bucket has run empty, under no lock; may be empty.
  std::function<void(const base::ActorId& actor)> on_empty;
};

class Throttle {
 public:
  explicit Throttle(ThrottleOptions options) : options_(std::move(options)) {}
  Throttle() : Throttle(ThrottleOptions{}) {}

  // False: not now, and nothing is done. `now_ns` is the wall clock; a clock that is set back
  // fills nothing, one that is set forward fills the bucket at most.
  [[nodiscard]] bool Take(const base::ActorId& actor, uint64_t now_ns);
  // The attempt that Take() let through was a hit.
  void GiveBack(const base::ActorId& actor);

  // How many certificates it remembers. Full buckets are forgotten as they become many.
  [[nodiscard]] size_t buckets() const;

  static constexpr size_t kSweepBeyondMin = 10'000;

 private:
  struct Bucket {
    double left = 0;  // Tries.
    uint64_t filled_at_ns = 0;
    bool told = false;  // That it ran empty; until it is full again.
  };
  [[nodiscard]] Bucket Filled(Bucket bucket, uint64_t now_ns) const;

  const ThrottleOptions options_;
  mutable std::mutex mutex_;
  std::map<base::ActorId, Bucket> buckets_;  // Of who has a certificate; full ones go.
  size_t sweep_beyond_ = kSweepBeyondMin;
};

// The throttles of the means besides the palm. Nobody configures them: whoever meets one at work is
// not at work.
inline constexpr uint32_t kPinMissesBurst = 20;
inline constexpr uint32_t kPinMissesPerMinute = 4;
inline constexpr uint32_t kClassListsPerMinute = 60;
inline constexpr uint32_t kListBookingsPerMinute = 120;
// Cards that are nobody's: a box of strangers' cards may be sorted at a till, number spaces not.
inline constexpr uint32_t kCardMissesBurst = 60;
inline constexpr uint32_t kCardMissesPerMinute = 20;
// One card that is nobody's, lost or blocked, shown again and again.
inline constexpr uint32_t kSameCardMissesBurst = 10;
inline constexpr uint32_t kSameCardMissesPerMinute = 2;
// Payment accounts that are nobody's, asked for by a contract's gateway, and among those with the
// same first digits: whoever counts upwards stays among these.
inline constexpr uint32_t kPaymentMissesBurst = 300;
inline constexpr uint32_t kPaymentMissesPerMinute = 100;
inline constexpr uint32_t kPaymentRangeMissesBurst = 20;
inline constexpr uint32_t kPaymentRangeMissesPerMinute = 4;
// Orders at a bank's page for one payment account: a family fills an account a few times.
inline constexpr uint32_t kOrdersBurst = 60;
inline constexpr uint32_t kOrdersPerMinute = 2;
// Behind one address there may be all tills of a town.
inline constexpr uint32_t kAddressMissesBurst = 1'000;
inline constexpr uint32_t kAddressMissesPerMinute = 300;

struct Throttles {
  // Told whose bucket of PINs or of cards has run empty; zero: an address's. May be empty.
  explicit Throttles(std::function<void(const base::ActorId&)> told) : on_empty(std::move(told)) {}
  Throttles() : Throttles(nullptr) {}

  const std::function<void(const base::ActorId&)> on_empty;
  Throttle pins{
      {.burst = kPinMissesBurst, .per_minute = kPinMissesPerMinute, .on_empty = on_empty}};
  Throttle class_lists{
      {.burst = kClassListsPerMinute, .per_minute = kClassListsPerMinute, .on_empty = {}}};
  Throttle list_bookings{
      {.burst = kListBookingsPerMinute, .per_minute = kListBookingsPerMinute, .on_empty = {}}};
  Throttle cards{
      {.burst = kCardMissesBurst, .per_minute = kCardMissesPerMinute, .on_empty = on_empty}};
  Throttle same_card{
      {.burst = kSameCardMissesBurst, .per_minute = kSameCardMissesPerMinute, .on_empty = {}}};
  Throttle payment_accounts{
      {.burst = kPaymentMissesBurst, .per_minute = kPaymentMissesPerMinute, .on_empty = on_empty}};
  Throttle payment_ranges{{.burst = kPaymentRangeMissesBurst,
                           .per_minute = kPaymentRangeMissesPerMinute,
                           .on_empty = {}}};
  Throttle orders{{.burst = kOrdersBurst, .per_minute = kOrdersPerMinute, .on_empty = {}}};
  Throttle addresses{{.burst = kAddressMissesBurst,
                      .per_minute = kAddressMissesPerMinute,
                      .on_empty = [this](const auto&) {
                        if (on_empty)
                          on_empty({});  // What an address is called here is nobody's id.
                      }}};
};

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_THROTTLE_H_
