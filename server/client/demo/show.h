// The demonstration: the main job of the project, scene by scene, against a real server.
//
// Invariants: everything that is shown went over mTLS to a ladond process; every sale that was
// acknowledged is in the record, and the last scenes compare the record with the statements.
// Threading: one thread, but for the burst's own.
#ifndef LADON_SERVER_CLIENT_DEMO_SHOW_H_
#define LADON_SERVER_CLIENT_DEMO_SHOW_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/client/demo/figures.h"
#include "server/client/demo/palms_source.h"
#include "server/client/demo/sales_record.h"
#include "server/client/demo/server_process.h"
#include "server/client/demo/stage.h"
#include "server/client/demo/till_client.h"
#include "server/client/demo/world.h"

namespace ladon::demo {

inline constexpr size_t kDemoChildrenMax = 1'000;
inline constexpr int kKillsMax = 50;
inline constexpr size_t kDemoTills = 2;
// Opened besides the children with palms, for scenes that need an empty purse or no consent.
inline constexpr size_t kExtraChildren = 2;

struct ShowOptions {
  std::string ladond;
  std::string work;   // Exists, empty, 0700.
  std::string palms;  // Folder, or empty for synthetic palms.
  size_t children = 30;
  std::string artifacts;  // Folder to leave proofs and journals in; empty: none.
  int kills = 1;
  uint64_t seed = 20'260'901;
};

class Show {
 public:
  Show(ShowOptions options, Stage* stage);
  ~Show();

  // OK: every scene was played; whether all went well is in figures() and stage->failures().
  // Otherwise the first step that could not be taken.
  [[nodiscard]] absl::Status Play();
  [[nodiscard]] const Figures& figures() const { return figures_; }

 private:
  // show_setup.cc
  absl::Status StartServer();
  absl::Status OpenSchool();
  absl::Status AddChildren();
  absl::Status EnrolPalms();
  // show_sales.cc
  absl::Status ShowPalms();
  absl::Status ShowOnePalm(const Palm& palm, size_t child, const Shot& shot);
  absl::Status SellByCard();
  absl::Status CancelOne();
  absl::Status PrintStatement();
  // show_payments.cc
  absl::Status PayThroughABank();
  // show_refusals.cc
  absl::Status ShowRefusals();
  // show_burst.cc
  absl::Status KillInBurst(int round);
  absl::Status ProveNothingLost();
  // show_artifacts.cc
  absl::Status LeaveArtifacts();
  // show.cc
  void Summarize();

  // A sale of `quantity` of `item` by card, into the record and the figures.
  grpc::Status SellCard(size_t till, size_t child, size_t item, uint32_t quantity,
                        v1::IdentifyAndDebitRequest* request,
                        v1::IdentifyAndDebitResponse* response);
  absl::Status ReconnectTills();

  ShowOptions options_;
  Stage* stage_;
  Figures figures_;
  SalesRecord record_;
  std::mt19937_64 random_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<World> world_;
  std::vector<Palm> palms_;
  // Child i owns the i-th enrolled palm; the last kExtraChildren own none.
  std::vector<Child> children_;
  std::vector<Till> tills_;
  std::vector<std::unique_ptr<TillClient>> till_clients_;
};

}  // namespace ladon::demo

#endif  // LADON_SERVER_CLIENT_DEMO_SHOW_H_
