#include "server/flow/events.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "ledger/proof/merkle.h"
#include "server/base/codec.h"
#include "server/flow/on_worker.h"
#include "server/flow/payer.h"
#include "server/flow/refusal.h"

namespace ladon::flow {
namespace {

using outbox::Event;
using outbox::Kind;
using outbox::Stream;

// What an entry did to one purse, over all of its lines.
struct Movement {
  int64_t amount_kopecks = 0;
  int64_t balance_kopecks = 0;
  uint64_t sequence = 0;
  base::SchoolId school;
};

std::map<ledger::AccountId, Movement> MovementsOf(const House& house, const ledger::Entry& entry) {
  std::map<ledger::AccountId, Movement> movements;
  for (const ledger::Opening& opening : entry.openings) {
    const auto* const posting = std::get_if<ledger::Posting>(&opening);
    if (posting == nullptr) continue;
    const auto view = house.ledger->FindAccount(posting->account);
    if (!view || view->terms.code != ledger::AccountCode::kWallet) continue;
    Movement& movement = movements[posting->account];
    movement.amount_kopecks += posting->amount_kopecks;
    movement.balance_kopecks = posting->balance_kopecks;
    movement.sequence = posting->sequence;
    movement.school = {view->terms.school.bytes};
  }
  return movements;
}

Kind KindOf(StatementKind kind) {
  switch (kind) {
    case StatementKind::kMeal:
      return Kind::kMeal;
    case StatementKind::kCancel:
      return Kind::kCancel;
    case StatementKind::kMoved:
      return Kind::kMoved;
    case StatementKind::kRefund:
      return Kind::kRefund;
    default:
      return Kind::kTopUp;
  }
}

// Makes the events of one entry, and counts them.
class Noting {
 public:
  Noting(const House& house, const ledger::Leaf& leaf, storage::Overlay* overlay)
      : house_(house), leaf_(leaf), overlay_(overlay) {}

  void Note(Stream stream, Kind kind, const base::AccountId& purse, const Movement& movement) {
    if (!house_.outbox->Wants(stream)) return;
    Event event{.stream = stream,
                .kind = kind,
                .index = leaf_.index,
                .number = numbers_[stream]++,
                .at_ns = leaf_.booked_at_ns,
                .purse = purse,
                .school = movement.school,
                .sequence = movement.sequence,
                .amount_kopecks = movement.amount_kopecks,
                .balance_kopecks = movement.balance_kopecks,
                .due_at_ns = leaf_.booked_at_ns};
    base::Encoder key;
    key.Raw({reinterpret_cast<const char*>(leaf_.operation.digest.bytes.data()),
             leaf_.operation.digest.bytes.size()});
    key.U8(static_cast<uint8_t>(stream));
    key.U8(event.number);
    const ledger::Digest digest = ledger::Sha256("ladon/event/1", key.Take());
    std::copy_n(digest.bytes.begin(), event.id.size(), event.id.begin());
    house_.outbox->Put(event, overlay_);
  }

  void NoteLowBalance(const base::AccountId& purse, const Movement& movement) {
    const int64_t low_kopecks = house_.outbox->options().low_balance_kopecks;
    const bool wanted = house_.outbox->Wants(Stream::kNotices) && low_kopecks > 0;
    if (!wanted || movement.balance_kopecks >= low_kopecks) return;
    const auto may = house_.outbox->TakeLowBalance(purse, leaf_.booked_at_ns, overlay_);
    // What cannot be read of the last time does not keep parents from being told.
    if (may.ok() && !*may) return;
    Note(Stream::kNotices, Kind::kLowBalance, purse, movement);
  }

 private:
  const House& house_;
  const ledger::Leaf& leaf_;
  storage::Overlay* const overlay_;
  std::map<Stream, uint8_t> numbers_;
};

// Whose purse it is now, wherever it went since; nullopt: of nobody any more.
absl::StatusOr<std::optional<vault::SubjectRef>> OwnerOf(const House& house,
                                                         base::AccountId purse) {
  constexpr int kSchoolsMax = 20;  // Of one child.
  for (int school = 0; school < kSchoolsMax; ++school) {
    if (const auto owner = house.vault->OwnerOf(purse)) return owner;
    const auto next = house.outbox->CarriedTo(purse);
    if (!next.ok()) return next.status();
    if (!next->has_value()) break;
    purse = **next;
  }
  return std::optional<vault::SubjectRef>();
}

// The number of the payment account of whose purse this is; 0: nobody's any more, or nothing may be
// done with what is known of the child.
absl::StatusOr<uint64_t> PaymentAccountOf(const House& house, const base::AccountId& purse) {
  const auto owner = OwnerOf(house, purse);
  if (!owner.ok()) return owner.status();
  if (!owner->has_value() || house.registers->ErasureOf((*owner)->subject)) return 0;
  const auto record = house.vault->ReadSubject(house.vault->store(), **owner);
  if (!record.ok()) return record.status();
  if (!record->has_value() || (*record)->state == vault::SubjectState::kRestricted) return 0;
  return (*record)->payment_account;
}

// What to tell of those due; whom nobody is told of; what cannot be told here and now.
struct Pulled {
  std::vector<EventToTell> events;
  std::vector<outbox::Ticket> dropped;
  std::vector<outbox::Ticket> unreadable;
};

void Sort(const House& house, outbox::Due one, Pulled* pulled) {
  const absl::StatusOr<uint64_t> number = PaymentAccountOf(house, one.event.purse);
  if (!number.ok()) return pulled->unreadable.push_back(std::move(one.ticket));
  if (one.event.stream == Stream::kNotices && *number == 0) {
    return pulled->dropped.push_back(std::move(one.ticket));
  }
  EventToTell event{.payment_account = *number};
  if (one.event.amount_kopecks != 0) {
    absl::StatusOr<std::vector<StatementLine>> lines =
        LinesOf(house, one.event.index, ToLedger(one.event.purse));
    if (!lines.ok()) return pulled->unreadable.push_back(std::move(one.ticket));
    event.lines = *std::move(lines);
  }
  event.due = std::move(one);
  pulled->events.push_back(std::move(event));
}

absl::StatusOr<Pulled> Pull(const House& house, Stream stream, size_t limit) {
  absl::StatusOr<std::vector<outbox::Due>> due = house.outbox->DueAt(stream, house.now_ns(), limit);
  if (!due.ok()) return due.status();
  Pulled pulled;
  for (outbox::Due& one : *due) Sort(house, std::move(one), &pulled);
  return pulled;
}

absl::StatusOr<std::map<Stream, StreamView>> View(const House& house, size_t parked_max) {
  std::map<Stream, StreamView> views;
  for (const Stream stream : outbox::kStreams) {
    StreamView& view = views[stream];
    view.written = house.outbox->Wants(stream);
    view.waiting = house.outbox->counts(stream).waiting;
    view.parked = house.outbox->counts(stream).parked;
    const absl::StatusOr<uint64_t> age_ns = house.outbox->OldestAgeNs(stream, house.now_ns());
    if (!age_ns.ok()) return age_ns.status();
    view.oldest_age_ns = *age_ns;
    absl::StatusOr<std::vector<Event>> parked = house.outbox->Parked(stream, parked_max);
    if (!parked.ok()) return parked.status();
    view.first_parked = *std::move(parked);
  }
  return views;
}

// Commits what `in_batch` changes, which is no business of the journal's, and answers.
template <class T>
void Settle(const House& house, const access::Caller& caller, T answer,
            std::function<void(T*, storage::Overlay*)> in_batch, Done<T> done) {
  const auto told = std::make_shared<T>(std::move(answer));
  ledger::Submission submission = ReadOnly(absl::OkStatus());
  submission.record = [told, in_batch = std::move(in_batch)](
                          const absl::Status&, const ledger::Outcome&, storage::Overlay& overlay) {
    in_batch(told.get(), &overlay);
  };
  Commit(house, caller, {}, std::move(submission),
         [told, done = std::move(done)](const absl::Status& status, const ledger::Outcome&) {
           done(status.ok() ? absl::StatusOr<T>(std::move(*told)) : status);
         });
}

}  // namespace

void NoteEvents(const House& house, const ledger::Entry& entry, storage::Overlay* overlay) {
  Noting noting(house, entry.leaf, overlay);
  for (const auto& [account, movement] : MovementsOf(house, entry)) {
    if (movement.amount_kopecks == 0) continue;
    const StatementKind what = StatementKindOf(entry.leaf, movement.amount_kopecks);
    if (what == StatementKind::kCarried) continue;  // Nobody paid, and nobody ate.
    const Kind kind = KindOf(what);
    const base::AccountId purse = ToBase(account);
    noting.Note(Stream::kNotices, kind, purse, movement);
    // Who moved stays the payer: what was paid in stays paid in.
    if (kind != Kind::kMoved) noting.Note(Stream::kReceipts, kind, purse, movement);
    if (kind == Kind::kMeal) noting.NoteLowBalance(purse, movement);
  }
}

void NoteCardBlocked(const House& house, const ledger::Entry& entry, const vault::SubjectRef& owner,
                     storage::Overlay* overlay) {
  if (house.outbox == nullptr) return;
  const auto record = house.vault->ReadSubject(*overlay, owner);
  if (!record.ok() || !record->has_value() || (*record)->purses.empty()) return;
  Noting(house, entry.leaf, overlay)
      .Note(Stream::kNotices, Kind::kCardBlocked, (*record)->purses.front().second,
            {.school = owner.school});
}

void PullEvents(const House& house, const access::Caller& caller, Stream stream, size_t limit,
                Done<std::vector<EventToTell>> done) {
  using List = std::vector<EventToTell>;
  OnPool<List>(house.officers, house, caller, std::move(done),
               [&house, caller, stream, limit](Done<List> tell) {
                 absl::StatusOr<Pulled> pulled = Pull(house, stream, limit);
                 if (!pulled.ok())
                   return Reply<List>(house, caller, {}, pulled.status(), std::move(tell));
                 Settle<List>(
                     house, caller, std::move(pulled->events),
                     [&house, dropped = std::move(pulled->dropped),
                      unreadable = std::move(pulled->unreadable),
                      now_ns = house.now_ns()](List*, storage::Overlay* overlay) {
                       // What does not go now goes the next time.
                       for (const outbox::Ticket& ticket : dropped)
                         (void)house.outbox->Told(ticket, overlay);
                       for (const outbox::Ticket& ticket : unreadable) {
                         (void)house.outbox->Failed(ticket, "not readable here", now_ns, overlay);
                       }
                     },
                     std::move(tell));
               });
}

void ReportEvents(const House& house, const access::Caller& caller,
                  std::vector<EventReport> reports, Done<size_t> done) {
  Settle<size_t>(
      house, caller, 0,
      [&house, caller, reports = std::move(reports), now_ns = house.now_ns()](
          size_t* parked, storage::Overlay* overlay) {
        for (const EventReport& report : reports) {
          if (report.told) {
            (void)house.outbox->Told(report.ticket, overlay);  // If not, it is told once more.
            continue;
          }
          const auto ended = house.outbox->Failed(report.ticket, report.fault, now_ns, overlay);
          if (ended.ok() && *ended) ++*parked;
        }
        if (*parked > 0 && house.alarm) house.alarm(audit::ProcessEvent::kEventParked, caller);
      },
      std::move(done));
}

void GetOutbox(const House& house, const access::Caller& caller, size_t parked_max,
               Done<std::map<Stream, StreamView>> done) {
  using Views = std::map<Stream, StreamView>;
  OnPool<Views>(house.officers, house, caller, std::move(done),
                [&house, caller, parked_max](Done<Views> tell) {
                  Reply<Views>(house, caller, {}, View(house, parked_max), std::move(tell));
                });
}

void RetryParked(const House& house, const access::Caller& caller, Stream stream,
                 Done<size_t> done) {
  OnPool<size_t>(
      house.officers, house, caller, std::move(done), [&house, caller, stream](Done<size_t> tell) {
        absl::StatusOr<std::vector<Event>> parked = house.outbox->Parked(stream, kEventsMax);
        if (!parked.ok()) return Reply<size_t>(house, caller, {}, parked.status(), std::move(tell));
        const size_t count = parked->size();
        Settle<size_t>(
            house, caller, count,
            [&house, parked = *std::move(parked), now_ns = house.now_ns()](
                size_t* retried, storage::Overlay* overlay) {
              if (!house.outbox->Retry(parked, now_ns, overlay).ok()) *retried = 0;
            },
            std::move(tell));
      });
}

}  // namespace ladon::flow
