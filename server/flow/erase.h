// Erasure: a person is forgotten, and the ledger still adds up (152-FZ article 21).
//
// A sequence of steps, written down in the registers, each durable before the next and safe to
// repeat; whatever a crash cuts short goes on at the next start:
//   blocked          nobody is served, palms are out of search (before the call is answered)
//   settled          every purse is paid out to the school's refunds (a debt is waived from its
//                    suspense account) and closed: ordinary double entry
//   removed          records and cards are deleted
//   keys destroyed   whatever copy of a record is left does not open any more with today's table
//   done             an epoch has ended since, also for the standby's copy: nor with an older
//                    copy of the table
// Ledger and security log keep random ids, which point at nobody from then on.
// Threading: EraseSubject() from any thread; AdvanceErasure() on a thread that nobody waits for.
#ifndef LADON_SERVER_FLOW_ERASE_H_
#define LADON_SERVER_FLOW_ERASE_H_

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/flow/commit.h"
#include "server/registers/records.h"
#include "server/vault/vault.h"

namespace ladon::flow {

struct EraseAnswer {
  registers::Erasure erasure;
  uint64_t journal_index = 0;
};
// kSubjectUnknown, kErasureUnderWay, and those of NeedApproval().
void EraseSubject(const House& house, const access::Caller& caller, const Request& request,
                  const vault::SubjectRef& subject, registers::ErasureReason reason,
                  Done<EraseAnswer> done);
// The same by the house itself, when a term is over: no approval, and it waits. `still` is asked on
// the applier thread whether that is so; what else it says stops the erasure before it begins.
[[nodiscard]] absl::Status EraseByRetention(
    const House& house, const vault::SubjectRef& subject, registers::ErasureReason reason,
    const std::function<absl::Status(const storage::Reader&)>& still);

// kErasureUnknown: also when it is of another school than the caller's.
void GetErasure(const House& house, const access::Caller& caller, const base::ErasureId& id,
                Done<registers::Erasure> done);
struct ErasurePage {
  std::vector<registers::Erasure> erasures;
  bool more = false;
};
void ListErasures(const House& house, const access::Caller& caller, const base::ErasureId& after,
                  size_t limit, bool done_too, Done<ErasurePage> done);

// kErasureUnderWay when this subject is being erased, or was: nothing may be written for it.
[[nodiscard]] absl::Status CheckNotErased(const House& house, const base::SubjectId& subject);

// Takes the next step and tells the erasure as it is then; the same step as before means that it
// waits for an epoch to end. Unavailable: the ledger stopped. Else what stood in the way; to be
// tried again.
[[nodiscard]] absl::StatusOr<registers::Erasure> AdvanceErasure(const House& house,
                                                                const registers::Erasure& erasure);

// One thread that takes every erasure to its end, the unfinished ones of earlier runs first.
class Eraser {
 public:
  struct Options {
    std::function<void(const registers::Erasure&)> on_step;
    std::function<void(const registers::Erasure&, const absl::Status&)> on_trouble;
  };
  explicit Eraser(Options options) : options_(std::move(options)) {}
  ~Eraser() { Stop(); }

  void Start(const House* house);
  // There is something to do: an erasure was asked for, or an epoch has ended.
  void Wake();
  // Lets the step under way end. Idempotent.
  void Stop();

 private:
  void Loop();
  bool AdvanceAll();  // False: something stood in the way.

  const Options options_;
  const House* house_ = nullptr;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool woken_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_ERASE_H_
