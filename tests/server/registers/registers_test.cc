// Goal: what was put is found, now and after a reopen; a store that is not what we wrote is
// refused. Method: the real store in a temporary directory, written through batches as the
// committer does.
#include "server/registers/registers.h"

#include <memory>
#include <string>

#include "storage/rocks_store.h"
#include "tests/server/registers/registers_testing.h"
#include "tests/testing/status_testing.h"
#include "tests/testing/temp_dir.h"

namespace ladon::registers {
namespace {

using ::ladon::testing::IsOk;
using ::ladon::testing::StatusIs;
using storage::Family;

class RegistersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    storage::RocksStoreOptions options{.path = dir_.Sub("store"), .create_if_missing = true};
    options.new_store_id.fill(0x52);
    auto store = storage::OpenRocksStore(options);
    ASSERT_THAT(store, IsOk());
    store_ = *std::move(store);
    Reopen();
  }
  void Reopen() {
    auto registers = Registers::Open(*store_);
    ASSERT_THAT(registers, IsOk());
    registers_ = *std::move(registers);
  }
  template <class R>
  void Put(const R& record) {
    storage::Batch batch;
    storage::Overlay overlay(store_.get(), &batch);
    registers_->Put(record, &overlay);
    ASSERT_THAT(store_->Write(batch), IsOk());
  }

  const testing::TempDir dir_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<Registers> registers_;
};

TEST_F(RegistersTest, WhatWasPutIsFoundAlsoAfterAReopen) {
  Put(FullApproval(1));
  Put(FullErasure(2));
  Put(FullRequest(3));
  Put(FullIncident(4));
  Put(FullGrant(5));
  Put(FullMove(6));
  for (int opened = 0; opened < 2; ++opened) {
    EXPECT_EQ(registers_->FindApproval(FullApproval(1).id)->event, 801);
    EXPECT_EQ(registers_->ApprovalOf(FullApproval(1).operation)->id, FullApproval(1).id);
    EXPECT_FALSE(registers_->ApprovalOf(FullApproval(2).operation));
    EXPECT_EQ(registers_->FindErasure(FullErasure(2).id)->records, 6);
    EXPECT_EQ(registers_->ErasureOf(FullErasure(2).subject)->id, FullErasure(2).id);
    EXPECT_EQ(registers_->FindRequest(FullRequest(3).id)->kind, 4);
    EXPECT_EQ(registers_->FindIncident(FullIncident(4).id)->from_ns, 3);
    EXPECT_EQ(registers_->FindGrant(FullGrant(5).actor)->role, base::Role::kEnroller);
    ASSERT_TRUE(registers_->MoveOf(FullMove(6).subject));
    EXPECT_TRUE(registers_->MoveOf(FullMove(6).subject)->purses[0].frozen);
    EXPECT_FALSE(registers_->MoveOf(FullMove(7).subject));
    EXPECT_EQ(registers_->NextActNumber(), 3);
    Reopen();
  }
}

TEST_F(RegistersTest, ListsGoOnAfterTheLastAndTakeWhatIsWanted) {
  for (uint8_t number = 1; number <= 5; ++number) Put(FullRequest(number));
  const auto odd = [](const RightsRequest& request) { return request.id.bytes[0] % 2 == 1; };
  const auto first = registers_->ListRequests({}, 2, odd);
  ASSERT_EQ(first.size(), 2);
  EXPECT_EQ(first[1].id.bytes[0], 3);
  const auto rest = registers_->ListRequests(first[1].id, 2, odd);
  ASSERT_EQ(rest.size(), 1);
  EXPECT_EQ(rest[0].id.bytes[0], 5);
}

TEST_F(RegistersTest, ARemovedApprovalIsGone) {
  Put(FullApproval(1));
  storage::Batch batch;
  storage::Overlay overlay(store_.get(), &batch);
  registers_->RemoveApproval(FullApproval(1).id, &overlay);
  ASSERT_THAT(store_->Write(batch), IsOk());
  for (int opened = 0; opened < 2; ++opened) {
    EXPECT_FALSE(registers_->FindApproval(FullApproval(1).id));
    EXPECT_FALSE(registers_->ApprovalOf(FullApproval(1).operation));
    Reopen();
  }
}

TEST_F(RegistersTest, RefusesWhatItDidNotWrite) {
  const std::string id(base::kIdBytes, '\x07');
  const std::string good = Encode(FullErasure(7));
  for (const auto& [key, value] :
       {std::pair(std::string("e") + id.substr(1), good), std::pair("x" + id, good),
        std::pair("e" + std::string(base::kIdBytes, '\x08'), good), std::pair("e" + id, good + "x"),
        std::pair("r" + id, good)}) {
    storage::Batch batch;
    batch.Put(Family::kRegisters, key, value);
    ASSERT_THAT(store_->Write(batch), IsOk());
    EXPECT_THAT(Registers::Open(*store_), StatusIs(absl::StatusCode::kDataLoss)) << key;
    storage::Batch undo;
    undo.Delete(Family::kRegisters, key);
    ASSERT_THAT(store_->Write(undo), IsOk());
  }
}

}  // namespace
}  // namespace ladon::registers
