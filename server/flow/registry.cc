#include "server/flow/registry.h"

#include <algorithm>
#include <future>
#include <memory>
#include <span>
#include <utility>

#include "ledger/proof/merkle.h"
#include "server/base/codec.h"
#include "server/base/payment_account.h"
#include "server/flow/approval.h"
#include "server/flow/channel_payment.h"
#include "server/flow/on_worker.h"
#include "server/flow/service_day.h"
#include "server/payments/payments.h"

namespace ladon::flow {
namespace {

using payments::Payment;

// What a call answers, waited for: this is a thread of House::exporter, which may.
template <class T>
class Awaited {
 public:
  [[nodiscard]] Done<T> done() {
    return
        [promise = promise_](absl::StatusOr<T> answer) { promise->set_value(std::move(answer)); };
  }
  [[nodiscard]] absl::StatusOr<T> Wait() { return future_.get(); }

 private:
  std::shared_ptr<std::promise<absl::StatusOr<T>>> promise_ =
      std::make_shared<std::promise<absl::StatusOr<T>>>();
  std::future<absl::StatusOr<T>> future_ = promise_->get_future();
};

class Import {
 public:
  Import(const House& house, const access::Caller& caller, const Request& request,
         const RegistryInput& input)
      : house_(house), caller_(caller), request_(request), input_(input) {}

  absl::StatusOr<RegistryAnswer> Run() {
    absl::Status s = FindUnknown();
    if (s.ok()) s = AskLeave();
    if (s.ok()) s = BookUnknown();
    if (s.ok()) s = Mark();
    if (!s.ok()) return s;
    return Count();
  }

 private:
  absl::StatusOr<std::optional<Payment>> Find(const RegistryLine& line) const {
    return payments::FindPayment(house_.vault->store(), input_.contract, line.payment_id);
  }

  absl::Status FindUnknown() {
    for (const RegistryLine& line : input_.lines) {
      const auto found = Find(line);
      if (!found.ok()) return found.status();
      if (found->has_value()) continue;
      unknown_.push_back(&line);
      unknown_kopecks_ += line.paid_kopecks;
    }
    return absl::OkStatus();
  }

  // The request's own entry, and the second person's word where it is needed. What the request may
  // credit is counted with that entry, before any of it is: neither a file in many parts nor a stop
  // in between stays below the limit. What then came online after all stays counted.
  absl::Status AskLeave() {
    const payments::Contract& contract = *house_.contracts->Find(input_.contract);
    const absl::StatusOr<uint32_t> day = ServiceDay(house_.now_ns(), contract.time_zone);
    if (!day.ok()) return day.status();
    const auto so_far = payments::FindRegistryDay(house_.vault->store(), input_.contract, *day);
    if (!so_far.ok()) return so_far.status();
    ledger::Submission leave = Note(request_.key, request_.content);
    if (so_far->kopecks + unknown_kopecks_ > contract.registry_kopecks_max) {
      if (!unknown_.empty()) {
        Object object{};
        std::copy_n(input_.file.begin(), object.size(), object.begin());
        NeedApproval(house_, caller_, request_, {}, object, &leave);
      }
    } else {
      // Nobody else counts meanwhile: imports take turns on this thread.
      leave.changes = [day = *so_far, more = unknown_kopecks_](const ledger::Outcome&,
                                                               storage::Overlay& overlay) {
        payments::RegistryDay counted = day;
        counted.kopecks += more;
        payments::PutRegistryDay(counted, &overlay);
      };
    }
    return CommitAndWait(std::move(leave));
  }

  absl::Status BookUnknown() {
    constexpr int kAttempts = 5;  // An account that closes in this moment wants a second look.
    absl::Status worst;
    for (int attempt = 0; attempt < kAttempts && !unknown_.empty(); ++attempt) {
      std::vector<Awaited<PaymentAnswer>> answers(unknown_.size());
      for (size_t i = 0; i < unknown_.size(); ++i) {
        AcceptPayment(house_, caller_,
                      {.contract = input_.contract,
                       .payment_id = unknown_[i]->payment_id,
                       .account = unknown_[i]->account,
                       .paid_kopecks = unknown_[i]->paid_kopecks,
                       .source = payments::Source::kRegistry,
                       .registry = input_.file},
                      answers[i].done());
      }
      std::vector<const RegistryLine*> left;
      for (size_t i = 0; i < unknown_.size(); ++i) {
        const absl::StatusOr<PaymentAnswer> answer = answers[i].Wait();
        // It came online in this moment, with other data: counted as what differs.
        const Reason reason = DetailOf(answer.status()).reason;
        if (answer.ok() || reason == Reason::kPaymentDiffers ||
            reason == Reason::kPaymentCancelled) {
          continue;
        }
        worst = answer.status();
        left.push_back(unknown_[i]);
      }
      unknown_ = std::move(left);
    }
    return unknown_.empty() ? absl::OkStatus() : worst;
  }

  // What the registry says stands beside what is booked, from here on. In turns: a till's debit
  // waits for one of them at most.
  absl::Status Mark() {
    constexpr size_t kLinesOfATurn = 100;
    const std::span<const RegistryLine> lines(input_.lines);
    for (size_t first = 0; first < lines.size(); first += kLinesOfATurn) {
      const size_t count = std::min(kLinesOfATurn, lines.size() - first);
      if (absl::Status s = MarkThese(lines.subspan(first, count), first); !s.ok()) return s;
    }
    return absl::OkStatus();
  }

  absl::Status MarkThese(std::span<const RegistryLine> lines, size_t first) {
    base::Encoder key;
    key.Raw({reinterpret_cast<const char*>(request_.key.digest.bytes.data()),
             request_.key.digest.bytes.size()});
    key.U32(static_cast<uint32_t>(first));
    ledger::Submission submission =
        Note({ledger::Sha256("ladon/registry-marks/2", key.Take())}, request_.content);
    const auto marked = std::make_shared<std::vector<Payment>>();
    submission.check = [this, marked, lines](const storage::Reader& reader) {
      for (const RegistryLine& line : lines) {
        auto found = payments::FindPayment(reader, input_.contract, line.payment_id);
        if (!found.ok()) return found.status();
        if (!found->has_value()) continue;
        Payment& payment = **found;
        const bool first_to_tell = payment.registry == payments::Digest{};
        if (!first_to_tell && payment.registry != input_.file) continue;
        payment.registry = input_.file;
        payment.registry_kopecks = line.paid_kopecks;
        marked->push_back(std::move(payment));
      }
      return absl::OkStatus();
    };
    submission.changes = [marked](const ledger::Outcome&, storage::Overlay& overlay) {
      for (const Payment& payment : *marked) payments::PutPayment(payment, &overlay);
    };
    return CommitAndWait(std::move(submission));
  }

  absl::StatusOr<RegistryAnswer> Count() const {
    RegistryAnswer answer;
    for (const RegistryLine& line : input_.lines) {
      const auto found = Find(line);
      if (!found.ok()) return found.status();
      const auto add = [&line](LineCount* count) {
        ++count->lines;
        count->paid_kopecks += line.paid_kopecks;
      };
      const bool same = found->has_value() && (*found)->paid_kopecks == line.paid_kopecks &&
                        (*found)->state != payments::State::kCancelled &&
                        !IsOfAnother(**found, line);
      if (!same) {
        add(&answer.differ);
        if (answer.differing.size() < kDifferingToldMax) {
          answer.differing.push_back(line.payment_id);
        }
      } else if (!IsBookedByThis(**found)) {
        add(&answer.matched);
      } else {
        add(&answer.booked);
        if ((*found)->state == payments::State::kSuspense) add(&answer.suspended);
      }
    }
    return answer;
  }

  // Whether the line names another child than was credited; what was moved since is not compared.
  [[nodiscard]] bool IsOfAnother(const Payment& payment, const RegistryLine& line) const {
    const auto number = base::PaymentAccount::Parse(line.account);
    const auto payee = number ? house_.vault->FindPayee(number->number()) : std::nullopt;
    return payment.state == payments::State::kCredited && payee && payee->purse != payment.account;
  }

  [[nodiscard]] bool IsBookedByThis(const Payment& payment) const {
    return payment.source == payments::Source::kRegistry && payment.registry == input_.file;
  }

  ledger::Submission Note(const ledger::OperationKey& key, const ledger::Digest& content) const {
    ledger::Submission submission;
    submission.operation = key;
    submission.content = content;
    submission.command = ledger::NoteOperation{};
    submission.context = {.actor = {caller_.principal.id.bytes}};
    return submission;
  }

  absl::Status CommitAndWait(ledger::Submission submission) const {
    Awaited<uint64_t> entry;
    Commit(house_, caller_, {}, std::move(submission),
           [done = entry.done()](const absl::Status& status, const ledger::Outcome& outcome) {
             const absl::Status verdict = status.ok() ? FromResult(outcome.code) : status;
             done(verdict.ok() ? absl::StatusOr<uint64_t>(outcome.index) : verdict);
           });
    return entry.Wait().status();
  }

  const House& house_;
  const access::Caller& caller_;
  const Request& request_;
  const RegistryInput& input_;
  std::vector<const RegistryLine*> unknown_;
  int64_t unknown_kopecks_ = 0;
};

}  // namespace

void ImportRegistry(const House& house, const access::Caller& caller, const Request& request,
                    RegistryInput input, Done<RegistryAnswer> done) {
  if (house.contracts->Find(input.contract) == nullptr) {
    return Reply<RegistryAnswer>(house, caller, {}, Refuse(Reason::kContractUnknown, "contract"),
                                 std::move(done));
  }
  OnPool<RegistryAnswer>(
      house.exporter, house, caller, std::move(done),
      [&house, caller, request, input = std::move(input)](const Done<RegistryAnswer>& tell) {
        // Every step has left its record, the refusal of the first one too.
        tell(Import(house, caller, request, input).Run());
      });
}

}  // namespace ladon::flow
