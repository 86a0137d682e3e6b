// A school brought to life through the real calls of the wire: nothing here knows the server from
// within. Used by the demonstration and by the set-up of the load generator.
//
// Order of use: CreateSchool, CreateCaterer, RegisterTill for each till, then Connect the desk
// identities, then children. Every step makes the client identities it needs with the local
// authority. Threading: one thread; the channels it hands out may be used by any.
#ifndef LADON_SERVER_CLIENT_DEMO_WORLD_H_
#define LADON_SERVER_CLIENT_DEMO_WORLD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ladon/v1/accounts_service.pb.h"
#include "ladon/v1/admin_service.pb.h"
#include "ladon/v1/enrolment_service.pb.h"
#include "ladon/v1/operation_service.pb.h"
#include "ladon/v1/terminal_service.pb.h"
#include "server/base/id.h"
#include "server/base/principal.h"
#include "server/client/call.h"

namespace ladon::demo {

// What a refusal of a set-up step looks like: the step, the gRPC code and the reason.
// OK for OK.
[[nodiscard]] absl::Status StepStatus(const grpc::Status& status, const std::string& step);

// 16 random bytes as a message field.
[[nodiscard]] std::string FreshId();

struct Child {
  std::string subject_id;
  std::string account_id;  // The main purse.
  std::string payment_account;
  std::string till_name;  // «Анна К., 2Б», as the till must show it.
  v1::Card card;
};

struct Till {
  std::string terminal_id;
  std::string identity;  // Directory.
};

struct WorldOptions {
  std::string server;
  std::string server_name;  // Expected in the server's certificate; empty = the host.
  std::string authority;    // Directory of the local authority (pki::InitAuthority).
  std::string sysadmin;     // Identity directory of a sysadmin.
  std::string identities;   // Where new identities are made; created.
};

class World {
 public:
  // FailedPrecondition, NotFound: an identity. Every other call returns what StepStatus makes of
  // the server's answer.
  [[nodiscard]] static absl::StatusOr<std::unique_ptr<World>> Open(WorldOptions options);

  // A school with biometrics on under a document id, free amounts allowed, balances shown.
  // Makes and connects the identities of its enroller and its senior cashier.
  [[nodiscard]] absl::Status CreateSchool(const std::string& name);
  // A caterer and its price list from today.
  [[nodiscard]] absl::Status CreateCaterer(const std::string& name);
  [[nodiscard]] absl::StatusOr<Till> RegisterTill(const std::string& label);

  // `index` names the child, see InventedName.
  [[nodiscard]] absl::StatusOr<Child> CreateChild(size_t index);
  [[nodiscard]] absl::Status BindCard(size_t index, Child* child);
  [[nodiscard]] absl::Status RecordConsent(const Child& child, v1::ConsentKind kind);
  [[nodiscard]] absl::Status TopUp(const Child& child, int64_t amount_kopecks);
  // All lines, oldest first.
  [[nodiscard]] absl::StatusOr<std::vector<v1::StatementLine>> Statement(const Child& child);
  [[nodiscard]] absl::StatusOr<int64_t> BalanceKopecks(const Child& child);

  // After a restart the server may listen elsewhere.
  [[nodiscard]] absl::Status Reconnect(const std::string& server);
  // A channel that is connected. Unavailable: none within client::kCallTimeout.
  [[nodiscard]] absl::StatusOr<client::ChannelPtr> ConnectAs(const std::string& identity) const;

  // A new identity directory of an auditor.
  [[nodiscard]] absl::StatusOr<std::string> MakeAuditor() const;
  // Of a gateway, or of the accountant of its payments.
  [[nodiscard]] absl::StatusOr<std::string> MakeChannel() const;
  [[nodiscard]] absl::StatusOr<std::string> MakeAccountant() const;

  [[nodiscard]] const std::string& cashier_identity() const { return cashier_identity_; }
  // The enroller's.
  [[nodiscard]] const client::ChannelPtr& enrolment() const { return enrolment_; }
  [[nodiscard]] const std::string& server() const { return options_.server; }
  [[nodiscard]] const std::string& school_id() const { return school_id_; }
  [[nodiscard]] const std::string& caterer_id() const { return caterer_id_; }
  [[nodiscard]] const std::vector<v1::PriceListItem>& items() const { return items_; }

 private:
  explicit World(WorldOptions options);
  absl::StatusOr<std::string> MakeIdentity(base::Role role, const std::string& school_id,
                                           const std::string& actor_id,
                                           const std::string& directory_name) const;

  WorldOptions options_;
  std::string school_id_;
  std::string caterer_id_;
  std::string enroller_identity_;
  std::string cashier_identity_;
  std::vector<v1::PriceListItem> items_;
  client::ChannelPtr admin_;
  client::ChannelPtr enrolment_;
  client::ChannelPtr accounts_;
};

// One line of `quantity` pieces of `item`, priced and totalled.
[[nodiscard]] v1::Basket BasketOf(const World& world, size_t item, uint32_t quantity);

}  // namespace ladon::demo

#endif  // LADON_SERVER_CLIENT_DEMO_WORLD_H_
