// The commands of ladon-terminal, after the command line was read.
//
// A Desk is one run of the tool: opens the log of its identity, settles what is pending, does one
// command, prints once. The log's name carries the principal, so that attempts of one identity are
// never settled under another (GetOperation answers for the caller's own calls only).
// Threading: one thread.
#ifndef LADON_SERVER_CLIENT_TERMINAL_COMMANDS_H_
#define LADON_SERVER_CLIENT_TERMINAL_COMMANDS_H_

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "server/base/messages.h"
#include "server/client/terminal/attempt_log.h"
#include "server/client/terminal/basket.h"
#include "server/client/terminal/cli.h"
#include "server/client/terminal/till.h"
#include "server/client/terminal/transport.h"

namespace ladon::terminal {

struct MeansOptions {
  // Files that stand for what the sensor sees, one after another; one or both lists are empty.
  std::vector<std::string> images;
  std::vector<std::string> template_files;
  std::string card;
  v1::CardTechnology technology = v1::CARD_TECHNOLOGY_ISO14443A;
  v1::ReaderProfile profile = v1::READER_PROFILE_TRANSMISSION_ORDER;
  v1::Liveness liveness = v1::LIVENESS_UNKNOWN;
};

struct EnrolOptions {
  std::string subject;
  v1::PalmSide side = v1::PALM_SIDE_UNSPECIFIED;
  std::vector<std::string> images;
  std::vector<std::string> templates;
  // The further capture: an image, or the code of one.
  std::string check_image;
  std::string check_template;
  bool look_alike = false;
  // Of templates that come without an image; 50 is ordinary.
  uint32_t template_quality = 50;
};

struct PayOptions {
  MeansOptions means;
  std::string caterer;
  std::vector<std::string> items;
  std::string amount;
  std::string total;
  std::string second_card;
  v1::Purse purse = v1::PURSE_MAIN;
  bool ask_pin = false;  // The child types it; it stands on no command line.
  bool yes = false;
};

struct CancelOptions {
  std::string debit = "last";
  std::vector<uint32_t> lines;  // As on the slip, from 1.
  v1::CancelReason reason = v1::CANCEL_REASON_UNSPECIFIED;
};

struct DeskOptions {
  std::string server;
  std::string server_name;
  std::string identity;
  std::string state;
  int timeout_ms = 10'000;
  bool json = false;
  base::Language language = base::Language::kRussian;
};

class Desk {
 public:
  explicit Desk(DeskOptions options);

  ExitCode Enrol(const EnrolOptions& options);
  ExitCode Identify(const MeansOptions& options);
  ExitCode Pay(const PayOptions& options);
  ExitCode Cancel(const CancelOptions& options);
  ExitCode Last();
  ExitCode Totals();

 private:
  // Opens the log and settles. kExitDone: go on.
  ExitCode Begin();
  ExitCode Connect();
  // Who stands there, and by what they were found.
  struct Shown {
    v1::IdentifyRequest request;
    v1::IdentifyResponse who;
    std::string pin;
  };

  // The hand, for the `showing`-th time from 0, or the card.
  ExitCode Show(const MeansOptions& means, size_t showing, v1::IdentifyRequest* request);
  ExitCode AskWho(const v1::IdentifyRequest& request, v1::IdentifyResponse* who);
  ExitCode PriceBasket(const PayOptions& options, PricedBasket* priced);
  ExitCode ReadSamples(const EnrolOptions& options, v1::EnrolPalmRequest* request);
  ExitCode ReadCheck(const EnrolOptions& options, v1::EnrolPalmRequest* request);
  // By the means of the command line; a palm refused twice leads to the others at once.
  ExitCode FindPayer(const PayOptions& options, Shown* shown);
  ExitCode OfferOthers(const PayOptions& options, Shown* shown);
  ExitCode AskByCard(const std::string& card, const MeansOptions& means, Shown* shown);
  std::string AskPin() const;
  // Somebody sits before it and can be asked.
  bool IsWatched() const;
  // What is typed in answer to the text under `key`; nullopt: nothing comes any more.
  std::optional<std::string> Ask(std::string_view key) const;
  bool Confirm() const;
  ExitCode Conclude(const Verdict& verdict);
  ExitCode Fail(ExitCode code, const std::string& reason, const std::string& message);
  ExitCode FailLocal(const absl::Status& status);
  ExitCode FailCall(const grpc::Status& status);
  ExitCode Finish(ExitCode code);
  void Say(const std::string& text);

  DeskOptions options_;
  std::unique_ptr<AttemptLog> log_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Till> till_;
  nlohmann::json result_ = nlohmann::json::object();
};

}  // namespace ladon::terminal

#endif  // LADON_SERVER_CLIENT_TERMINAL_COMMANDS_H_
