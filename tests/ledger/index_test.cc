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

class IndexTest : public ::testing::Test {
 protected:
  EmptyReader below_;
  storage::Batch batch_;
  storage::Overlay overlay_{&below_, &batch_};
};

TEST_F(IndexTest, EntryEntersEveryFamilyItConcerns) {
  Entry entry;
  entry.leaf.index = 300;
  entry.leaf.operation = OperationOf(1);
  entry.leaf.nonce = IdOf<Nonce>(2);
  entry.openings = {Posting{IdOf<AccountId>(3), -1, 7, -1}, Posting{IdOf<AccountId>(4), 1, 8, 1},
                    Context{}};
  IndexEntry(entry, &overlay_);
  EXPECT_EQ(batch_.changes().size(), 4u);
  const std::pair<Family, std::string> keys[] = {
      {Family::kOperations, OperationIndexKey(OperationOf(1))},
      {Family::kOperations, NonceKey(IdOf<Nonce>(2))},
      {Family::kAccountIndex, AccountIndexKey(IdOf<AccountId>(3), 7)},
      {Family::kAccountIndex, AccountIndexKey(IdOf<AccountId>(4), 8)}};
  for (const auto& [family, key] : keys) {
    ASSERT_OK_AND_ASSIGN(const std::optional<uint64_t> index, GetIndex(overlay_, family, key));
    EXPECT_EQ(index, 300u);
  }
}

TEST_F(IndexTest, AccountKeysSortBySequence) {
  const AccountId account = IdOf<AccountId>(1);
  EXPECT_LT(AccountIndexKey(account, 255), AccountIndexKey(account, 256));
  EXPECT_LT(AccountIndexKey(account, 1), AccountIndexKey(account, ~uint64_t{0}));
}

TEST_F(IndexTest, ReversalsAndHeadComeBack) {
  ASSERT_OK_AND_ASSIGN(std::vector<uint16_t> reversed,
                       GetReversed(overlay_, IdOf<TransactionId>(1)));
  EXPECT_TRUE(reversed.empty());
  PutReversed(IdOf<TransactionId>(1), {0, 3, 63}, &overlay_);
  ASSERT_OK_AND_ASSIGN(reversed, GetReversed(overlay_, IdOf<TransactionId>(1)));
  EXPECT_EQ(reversed, (std::vector<uint16_t>{0, 3, 63}));
  ASSERT_OK_AND_ASSIGN(auto head, GetHead(overlay_));
  EXPECT_FALSE(head.has_value());
  PutHead(12, DigestOf(1), &overlay_);
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
    EXPECT_THAT(GetReversed(overlay_, id), StatusIs(absl::StatusCode::kDataLoss));
  }
  overlay_.Put(Family::kMeta, "ledger/head", "short");
  EXPECT_THAT(GetHead(overlay_), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace ladon::ledger
