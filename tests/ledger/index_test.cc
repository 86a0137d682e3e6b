// Goal: the keys sort as the readers need, and values out of form are told as data loss.
// Method: keys compared as bytes; a store with values of the wrong size.
#include "ledger/index.h"

#include "tests/testing/ledger_testing.h"

namespace ladon::ledger {
namespace {

using ::ladon::testing::DigestOf;
using ::ladon::testing::IdOf;
using ::ladon::testing::OperationOf;
using ::ladon::testing::StatusIs;
using storage::Family;

// Nothing below: the batch is all there is.
class EmptyReader final : public storage::Reader {
 public:
  absl::StatusOr<std::optional<std::string>> Get(Family /*family*/,
                                                 std::string_view /*key*/) const override {
    return std::optional<std::string>();
  }
};

// Two transfers, of 5 and of 6.
Entry OriginalOf(const TransactionId& transaction) {
  Entry entry;
  entry.leaf.kind = EntryKind::kTransaction;
  entry.leaf.transaction = transaction;
  entry.openings = {Posting{IdOf<AccountId>(1), -5, 1, -5}, Posting{IdOf<AccountId>(2), 5, 1, 5},
                    Posting{IdOf<AccountId>(1), -6, 2, -11}, Posting{IdOf<AccountId>(2), 6, 2, 11},
                    Context{}};
  return entry;
}

class IndexTest : public ::testing::Test {
 protected:
  EmptyReader below_;
  storage::Batch batch_;
  storage::Overlay overlay_{&below_, &batch_};
};

TEST_F(IndexTest, SomeSequenceNumbersAreIndexed) {
  Entry entry;
  entry.leaf.index = 300;
  entry.openings = {Posting{IdOf<AccountId>(3), -1, 2 * kIndexedSequences, -1},
                    Posting{IdOf<AccountId>(4), 1, kIndexedSequences + 1, 1}, Context{}};
  IndexAccounts(entry, &overlay_);
  EXPECT_EQ(batch_.changes().size(), 1u);
  ASSERT_OK_AND_ASSIGN(const std::optional<uint64_t> index,
                       GetIndex(overlay_, Family::kAccountIndex,
                                AccountIndexKey(IdOf<AccountId>(3), 2 * kIndexedSequences)));
  EXPECT_EQ(index, 300u);
}

TEST_F(IndexTest, AccountKeysSortBySequence) {
  const AccountId account = IdOf<AccountId>(1);
  EXPECT_LT(AccountIndexKey(account, 255), AccountIndexKey(account, 256));
  EXPECT_LT(AccountIndexKey(account, 1), AccountIndexKey(account, ~uint64_t{0}));
}

TEST_F(IndexTest, ReversalsAndHeadComeBack) {
  const Entry original = OriginalOf(IdOf<TransactionId>(1));
  ASSERT_OK_AND_ASSIGN(std::vector<Taken> reversed, GetReversed(overlay_, original));
  EXPECT_TRUE(reversed.empty());
  const std::vector<Taken> taken = {{0, 5}, {3, 7}, {63, 1}};
  PutReversed(IdOf<TransactionId>(1), taken, &overlay_);
  ASSERT_OK_AND_ASSIGN(reversed, GetReversed(overlay_, original));
  EXPECT_EQ(reversed, taken);
  ASSERT_OK_AND_ASSIGN(auto head, GetHead(overlay_));
  EXPECT_FALSE(head.has_value());
  PutHead(12, DigestOf(1), &batch_);
  ASSERT_OK_AND_ASSIGN(head, GetHead(overlay_));
  EXPECT_EQ(head, std::pair(uint64_t{12}, DigestOf(1)));
}

TEST_F(IndexTest, ValuesOutOfFormAreDataLoss) {
  const std::string key = OperationIndexKey(OperationOf(1));
  for (const size_t size : {0, 7, 9}) {
    overlay_.Put(Family::kOperations, key, std::string(size, 'x'));
    EXPECT_THAT(GetIndex(overlay_, Family::kOperations, key),
                StatusIs(absl::StatusCode::kDataLoss));
  }
  const TransactionId id = IdOf<TransactionId>(1);
  const std::string_view id_key(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
  for (const std::string& value :
       {std::string("x"), std::string("\0\1\0\1", 4), std::string("\0\2\0\1", 4)}) {
    overlay_.Put(Family::kReversals, id_key, value);
    EXPECT_THAT(GetReversed(overlay_, OriginalOf(id)), StatusIs(absl::StatusCode::kDataLoss));
  }
  // What older stores have: positions that were taken back in whole.
  overlay_.Put(Family::kReversals, id_key, std::string("\0\0\0\1", 4));
  ASSERT_OK_AND_ASSIGN(const std::vector<Taken> old, GetReversed(overlay_, OriginalOf(id)));
  EXPECT_EQ(old, (std::vector<Taken>{{0, 5}, {1, 6}}));
  PutReversed(id, {{1, 1}, {0, 1}}, &overlay_);  // Out of order.
  EXPECT_THAT(GetReversed(overlay_, OriginalOf(id)), StatusIs(absl::StatusCode::kDataLoss));
  for (const std::string& value :
       {std::string(8, '\0'), std::string(10, '\0'), "\4" + std::string(8, '\0')}) {
    overlay_.Put(Family::kAccounts, HoldKey(id), value);
    EXPECT_THAT(GetHold(overlay_, id), StatusIs(absl::StatusCode::kDataLoss));
  }
  PutHold(id, HoldState::kVoided, 77, &overlay_);
  ASSERT_OK_AND_ASSIGN(const auto hold, GetHold(overlay_, id));
  EXPECT_EQ(hold->state, HoldState::kVoided);
  EXPECT_EQ(hold->index, 77u);
  overlay_.Put(Family::kMeta, "ledger/head", "short");
  EXPECT_THAT(GetHead(overlay_), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace ladon::ledger
