#include "ledger/accounts.h"

#include <cassert>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "ledger/proof/bytes.h"
#include "ledger/proof/merkle.h"

namespace ladon::ledger {
namespace {

// Of the table each account takes 2 to 4 slots of 8 bytes.
static_assert(sizeof(AccountState) + 4 * sizeof(uint64_t) <= kAccountBytesMax);

void Encode(const Standing& now, ByteWriter* out) {
  out->I64(now.balance_kopecks);
  out->I64(now.debits_pending_kopecks);
  out->I64(now.credits_pending_kopecks);
  out->U64(now.sequence);
  out->U64(now.last_index);
  out->I64(now.spent_kopecks);
  out->U32(now.day);
  out->Raw(now.uses);
  out->Raw(now.last_document.bytes);
  out->U64(now.last_paid_at_ns);
}

Standing ReadStanding(ByteReader* in) {
  Standing now;
  now.balance_kopecks = in->I64();
  now.debits_pending_kopecks = in->I64();
  now.credits_pending_kopecks = in->I64();
  now.sequence = in->U64();
  now.last_index = in->U64();
  now.spent_kopecks = in->I64();
  now.day = in->U32();
  in->Raw(&now.uses);
  in->Raw(&now.last_document.bytes);
  now.last_paid_at_ns = in->U64();
  return now;
}

absl::Status PageError(size_t page, std::string_view what) {
  return absl::DataLossError(
      absl::StrCat("accounts: page ", page, ": ", absl::string_view(what.data(), what.size())));
}

}  // namespace

Accounts::Slot Accounts::FindSlot(const AccountId& account) const {
  return table_.Find(IdHash()(account),
                     [&](Slot slot) { return at(slot).terms.account == account; });
}

const AccountState* Accounts::Find(const AccountId& account) const {
  const Slot slot = FindSlot(account);
  return slot == kNoSlot ? nullptr : &at(slot);
}

AccountState& Accounts::Change(Slot slot) {
  Page& page = *pages_[slot / kPageAccounts];
  page.changed = true;
  return page.accounts[slot % kPageAccounts];
}

Accounts::Slot Accounts::Open(const AccountId& account) {
  const auto slot = static_cast<Slot>(size_);
  assert(FindSlot(account) == kNoSlot);
  if (slot % kPageAccounts == 0) pages_.push_back(std::make_unique<Page>());
  pages_.back()->accounts[slot % kPageAccounts].terms.account = account;
  table_.Insert(IdHash()(account), slot,
                [this](Slot of) { return IdHash()(at(of).terms.account); });
  ++size_;
  return slot;
}

std::string Accounts::EncodePage(size_t page) const {
  const size_t first = page * kPageAccounts;
  const size_t count = std::min<size_t>(kPageAccounts, size_ - first);
  ByteWriter out;
  out.U8(static_cast<uint8_t>(count));
  for (size_t i = 0; i < count; ++i) {
    const AccountState& account = pages_[page]->accounts[i];
    AppendOpening(account.terms, &out);
    AppendOpening(Entitlements{.account = account.terms.account, .list = account.entitlements},
                  &out);
    Encode(account.now, &out);
  }
  out.Raw(Sha256(out.view()).bytes);
  return out.Take();
}

absl::Status Accounts::RestorePage(std::string_view bytes) {
  const size_t number = pages_.size();
  if (bytes.size() < sizeof(Digest) || size_ % kPageAccounts != 0) {
    return PageError(number, "truncated, or behind one that is not full");
  }
  const std::string_view body = bytes.substr(0, bytes.size() - sizeof(Digest));
  Digest digest;
  ByteReader(bytes.substr(body.size())).Raw(&digest.bytes);
  if (Sha256(body) != digest) return PageError(number, "damaged");
  ByteReader in(body);
  const uint8_t count = in.U8();
  if (count == 0 || count > kPageAccounts) return PageError(number, "a wrong count");
  for (uint8_t i = 0; i < count; ++i) {
    absl::StatusOr<Opening> terms = ReadOpening(kTermsKind, &in);
    absl::StatusOr<Opening> entitlements = ReadOpening(kEntitlementsKind, &in);
    const Standing now = ReadStanding(&in);
    if (!terms.ok() || !entitlements.ok() || !in.ok()) return PageError(number, "out of form");
    auto& account = std::get<AccountTerms>(*terms);
    if (FindSlot(account.account) != kNoSlot) return PageError(number, "an account twice");
    AccountState& state = Change(Open(account.account));
    state.terms = std::move(account);
    state.entitlements = std::move(std::get<Entitlements>(*entitlements).list);
    state.now = now;
  }
  if (!in.AtEnd()) return PageError(number, "bytes are left over");
  ClearChanged(number);
  return absl::OkStatus();
}

}  // namespace ladon::ledger
