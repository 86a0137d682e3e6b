#include "server/client/terminal/commands.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "matcher/extract/extractor.h"
#include "matcher/vein_code.h"
#include "server/base/principal.h"
#include "server/base/secret.h"
#include "server/client/connection.h"
#include "server/client/pki/pki.h"
#include "server/client/terminal/means.h"
#include "server/client/terminal/slip.h"
#include "server/client/terminal/totals.h"
#include "server/client/text/table.h"

namespace ladon::terminal {
namespace {

using base::Text;
using Json = nlohmann::json;

constexpr size_t kEnrolSamplesMin = 3;
constexpr size_t kEnrolSamplesMax = 6;

int64_t NowMs() {
  using std::chrono::system_clock;
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             system_clock::now().time_since_epoch())
      .count();
}

TillPorts RealPorts() {
  return {.now_ms = NowMs,
          .new_id =
              [] {
                base::RequestId id;
                base::FillRandom(id.bytes);
                return id;
              },
          .pause = [](int64_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }};
}

// "terminal-<32 hex>.log": role and id of the identity's certificate.
absl::StatusOr<std::string> LogName(const std::string& identity) {
  const absl::StatusOr<pki::CertificateInfo> info = pki::Show(identity + "/cert.pem");
  if (!info.ok()) return info.status();
  constexpr std::string_view kUri = "URI:";
  for (const std::string& name : info->names) {
    if (!name.starts_with(kUri)) continue;
    const absl::StatusOr<base::Principal> principal =
        base::ParsePrincipal(std::string_view(name).substr(kUri.size()));
    if (!principal.ok()) return principal.status();
    return absl::StrCat(std::string(base::RoleName(principal->role)), "-",
                        base::HexOf(principal->id), ".log");
  }
  return absl::InvalidArgumentError(
      absl::StrCat(identity, "/cert.pem: names no principal; make one with ladonctl pki issue"));
}

const char* ResultName(ExitCode code) {
  switch (code) {
    case kExitDone:
      return "done";
    case kExitRefused:
      return "refused";
    case kExitUsage:
      return "usage";
    case kExitUnknown:
      return "unknown";
    case kExitLocal:
      return "local";
  }
  return "";
}

}  // namespace

Desk::Desk(DeskOptions options) : options_(std::move(options)) {}

void Desk::Say(const std::string& text) {
  if (!options_.json) std::fputs(text.c_str(), stdout);
}

ExitCode Desk::Finish(ExitCode code) {
  if (!options_.json) return code;
  result_["result"] = ResultName(code);
  std::cout << result_.dump(2, ' ', false, Json::error_handler_t::replace) << std::endl;
  return code;
}

ExitCode Desk::Fail(ExitCode code, const std::string& reason, const std::string& message) {
  if (!reason.empty()) result_["reason"] = reason;
  result_["message"] = message;
  if (!options_.json) std::fprintf(stderr, "%s\n", message.c_str());
  return code;
}

ExitCode Desk::FailLocal(const absl::Status& status) {
  return Fail(absl::IsInvalidArgument(status) ? kExitUsage : kExitLocal, "",
              std::string(status.message()));
}

// For calls that change nothing: without an answer, nothing happened.
ExitCode Desk::FailCall(const grpc::Status& status) {
  return Fail(client::IsDefinite(status) ? kExitRefused : kExitLocal, ReasonName(status),
              client::Explain(status, options_.language));
}

ExitCode Desk::Connect() {
  if (transport_ != nullptr) return kExitDone;
  const absl::StatusOr<client::ChannelPtr> channel =
      client::Connect({.server = options_.server,
                       .identity = options_.identity,
                       .server_name = options_.server_name});
  if (!channel.ok()) return FailLocal(channel.status());
  transport_ =
      std::make_unique<GrpcTransport>(*channel, std::chrono::milliseconds(options_.timeout_ms));
  till_ = std::make_unique<Till>(log_.get(), transport_.get(), RealPorts());
  return kExitDone;
}

ExitCode Desk::Begin() {
  const absl::StatusOr<std::string> name = LogName(options_.identity);
  if (!name.ok()) return Fail(kExitLocal, "", std::string(name.status().message()));
  absl::StatusOr<std::unique_ptr<AttemptLog>> log =
      AttemptLog::Open(absl::StrCat(options_.state, "/", *name));
  if (!log.ok()) return Fail(kExitLocal, "", std::string(log.status().message()));
  log_ = *std::move(log);
  if (log_->recovered_torn_line()) {
    Say(Text("terminal.log_recovered", options_.language) + "\n");
    result_["log_recovered"] = true;
  }
  if (log_->Pending().empty()) return kExitDone;
  if (const ExitCode code = Connect(); code != kExitDone) return code;
  std::vector<Settlement> told;
  const absl::Status settled = till_->SettlePending(&told);
  result_["settled"] = Json::array();
  ExitCode code = kExitDone;
  for (const Settlement& settlement : told) {
    Say(SettlementText(settlement, options_.language) + "\n");
    result_["settled"].push_back(SettlementJson(settlement));
    if (settlement.how == Settled::kStillUnknown) code = kExitUnknown;
  }
  if (!settled.ok()) return Fail(kExitLocal, "", std::string(settled.message()));
  return code;
}

ExitCode Desk::Show(const MeansOptions& means, size_t showing, v1::IdentifyRequest* request) {
  if (!means.card.empty()) {
    const absl::StatusOr<v1::Card> card = CardOfText(means.card, means.technology, means.profile);
    if (!card.ok()) return FailLocal(card.status());
    *request->mutable_card() = *card;
    return kExitDone;
  }
  const bool image = !means.images.empty();
  // The files stand for the sensor; the last of them is what it shows from then on.
  const std::vector<std::string>& files = image ? means.images : means.template_files;
  const absl::StatusOr<std::vector<uint8_t>> bytes =
      ReadFile(files.at(std::min(showing, files.size() - 1)),
               image ? matcher::kImageFileBytesMax : matcher::kTemplateBytes);
  if (!bytes.ok()) return Fail(kExitLocal, "", std::string(bytes.status().message()));
  const absl::StatusOr<v1::Probe> probe =
      image ? ProbeOfImage(*bytes, means.liveness) : ProbeOfTemplate(*bytes, means.liveness);
  if (!probe.ok()) {
    return Fail(kExitRefused, matcher::ExtractRefusalReason(probe.status()),
                PalmRefusal(probe.status(), options_.language));
  }
  *request->mutable_probe() = *probe;
  return kExitDone;
}

ExitCode Desk::AskWho(const v1::IdentifyRequest& request, v1::IdentifyResponse* who) {
  const grpc::Status status = transport_->Identify(request, who);
  return status.ok() ? kExitDone : FailCall(status);
}

ExitCode Desk::Identify(const MeansOptions& options) {
  v1::IdentifyRequest request;
  v1::IdentifyResponse who;
  ExitCode code = Begin();
  if (code == kExitDone) code = Show(options, 0, &request);
  if (code == kExitDone) code = Connect();
  if (code == kExitDone) code = AskWho(request, &who);
  if (code != kExitDone) return Finish(code);
  const v1::Payer& payer = who.payer();
  Say(payer.display_name() + "\n");
  result_["payer"] = payer.display_name();
  result_["low_money"] = payer.low_money();
  if (payer.has_balance_kopecks()) {
    result_["balance_kopecks"] = payer.balance_kopecks();
    const std::string balance = base::FormatKopecks(payer.balance_kopecks(), options_.language);
    Say(Text("terminal.balance", options_.language, {balance}) + "\n");
  }
  if (payer.low_money()) Say(Text("terminal.low_money", options_.language) + "\n");
  return Finish(kExitDone);
}

ExitCode Desk::Conclude(const Verdict& verdict) {
  const std::string id = base::HexOf(verdict.request_id);
  result_["request_id"] = id;
  if (verdict.after) {
    Say(SettlementText(*verdict.after, options_.language) + "\n");
    result_["settled_after"] = SettlementJson(*verdict.after);
  }
  const AttemptEntry* entry = log_->Find(verdict.request_id);
  if (entry != nullptr && verdict.outcome && verdict.outcome->kind == OutcomeKind::kDone) {
    // Shown even when the log could not note it: it was booked.
    const AttemptEntry shown = {.attempt = entry->attempt, .outcome = verdict.outcome};
    Say(SlipText(shown, &verdict.payer, options_.language));
    result_["slip"] = SlipJson(shown, &verdict.payer);
  }
  switch (verdict.fate) {
    case Fate::kDone:
      return kExitDone;
    case Fate::kRefused:
      if (verdict.after) return kExitRefused;
      return Fail(kExitRefused, ReasonName(verdict.status),
                  client::Explain(verdict.status, options_.language));
    case Fate::kUnknown:
      return Fail(kExitUnknown, ReasonName(verdict.status),
                  Text("terminal.unknown", options_.language, {id}));
    case Fate::kLocal:
      break;
  }
  return Fail(kExitLocal, "", std::string(verdict.local.message()));
}

ExitCode Desk::Cancel(const CancelOptions& options) {
  if (const ExitCode code = Begin(); code != kExitDone) return Finish(code);
  Till::Return what;
  what.reason = options.reason;
  if (options.debit == "last") {
    for (const AttemptEntry& entry : log_->entries()) {
      if (entry.attempt.kind != AttemptKind::kDebit || !entry.outcome) continue;
      if (entry.outcome->kind == OutcomeKind::kDone) what.debit = entry.attempt.request_id;
    }
    if (what.debit.IsZero()) {
      return Finish(Fail(kExitLocal, "", Text("terminal.nothing_sold", options_.language)));
    }
  } else {
    const auto id = base::IdOfHex<base::RequestId>(options.debit);
    if (!id) return Finish(Fail(kExitUsage, "", "REQUEST_ID: 32 hex digits, or last"));
    what.debit = *id;
  }
  if (const AttemptEntry* debit = log_->Find(what.debit); debit != nullptr) {
    what.payer = debit->attempt.payer;
  }
  for (const uint32_t line : options.lines) {
    if (line == 0 || line > kBasketLinesMax) {
      return Finish(Fail(kExitUsage, "", absl::StrCat("--line: 1 to ", kBasketLinesMax)));
    }
    what.lines.push_back(line - 1);
  }
  std::sort(what.lines.begin(), what.lines.end());
  what.lines.erase(std::unique(what.lines.begin(), what.lines.end()), what.lines.end());
  if (const ExitCode code = Connect(); code != kExitDone) return Finish(code);
  const Verdict verdict = till_->Cancel(what);
  const ExitCode code = Conclude(verdict);
  if (verdict.fate == Fate::kDone) {
    result_["burnt"] = verdict.burnt;
    if (verdict.burnt) Say(Text("terminal.burnt", options_.language) + "\n");
  }
  return Finish(code);
}

ExitCode Desk::ReadSamples(const EnrolOptions& options, v1::EnrolPalmRequest* request) {
  const size_t count = options.images.size() + options.templates.size();
  if (count < kEnrolSamplesMin || count > kEnrolSamplesMax) {
    return Fail(kExitUsage, "",
                absl::StrCat(kEnrolSamplesMin, " to ", kEnrolSamplesMax, " captures of the palm"));
  }
  for (const std::string& path : options.images) {
    const absl::StatusOr<std::vector<uint8_t>> bytes = ReadFile(path, matcher::kImageFileBytesMax);
    if (!bytes.ok()) return Fail(kExitLocal, "", std::string(bytes.status().message()));
    const absl::StatusOr<TemplateSample> sample = TemplateOfImage(*bytes);
    if (!sample.ok()) {
      return Fail(kExitRefused, matcher::ExtractRefusalReason(sample.status()),
                  absl::StrCat(path, ": ", PalmRefusal(sample.status(), options_.language)));
    }
    request->add_templates(sample->bytes);
    request->add_qualities(sample->quality);
  }
  for (const std::string& path : options.templates) {
    const absl::StatusOr<std::vector<uint8_t>> bytes = ReadFile(path, matcher::kTemplateBytes);
    if (!bytes.ok()) return Fail(kExitLocal, "", std::string(bytes.status().message()));
    const absl::StatusOr<v1::Probe> probe = ProbeOfTemplate(*bytes, v1::LIVENESS_UNKNOWN);
    if (!probe.ok()) {
      return Fail(kExitRefused, "",
                  absl::StrCat(path, ": ", std::string(probe.status().message())));
    }
    request->add_templates(probe->codes(0));
    request->add_qualities(options.template_quality);
  }
  return kExitDone;
}

ExitCode Desk::ReadCheck(const EnrolOptions& options, v1::EnrolPalmRequest* request) {
  const bool is_image = !options.check_image.empty();
  const std::string& path = is_image ? options.check_image : options.check_template;
  const absl::StatusOr<std::vector<uint8_t>> bytes =
      ReadFile(path, is_image ? matcher::kImageFileBytesMax : matcher::kTemplateBytes);
  if (!bytes.ok()) return Fail(kExitLocal, "", std::string(bytes.status().message()));
  absl::StatusOr<v1::Probe> probe = is_image ? ProbeOfImage(*bytes, v1::LIVENESS_UNKNOWN)
                                             : ProbeOfTemplate(*bytes, v1::LIVENESS_UNKNOWN);
  if (!probe.ok()) {
    return Fail(kExitRefused, matcher::ExtractRefusalReason(probe.status()),
                absl::StrCat(path, ": ", PalmRefusal(probe.status(), options_.language)));
  }
  *request->mutable_check() = *std::move(probe);
  return kExitDone;
}

ExitCode Desk::Enrol(const EnrolOptions& options) {
  v1::EnrolPalmRequest request;
  const auto subject = base::IdOfHex<base::SubjectId>(options.subject);
  if (!subject) return Finish(Fail(kExitUsage, "", "--subject: 32 hex digits"));
  request.set_subject_id(std::string(subject->view()));
  request.set_side(options.side);
  request.set_sensor_id(std::string(kFileSensorId));
  request.set_look_alike(options.look_alike);
  ExitCode code = Begin();
  if (code == kExitDone) code = ReadSamples(options, &request);
  if (code == kExitDone) code = ReadCheck(options, &request);
  if (code == kExitDone) code = Connect();
  if (code != kExitDone) return Finish(code);
  uint32_t samples = 0;
  const Verdict verdict = till_->Enrol(request, &samples);
  code = Conclude(verdict);
  if (verdict.fate == Fate::kDone) {
    result_["samples"] = samples;
    Say(Text("terminal.enrolled", options_.language, {std::to_string(samples)}) + "\n");
  }
  return Finish(code);
}

ExitCode Desk::Last() {
  const ExitCode code = Begin();
  if (log_ == nullptr) return Finish(code);
  const AttemptEntry* last = nullptr;
  for (const AttemptEntry& entry : log_->entries()) {
    if (entry.outcome && entry.outcome->kind == OutcomeKind::kDone) last = &entry;
  }
  if (last == nullptr) {
    return Finish(Fail(code == kExitDone ? kExitLocal : code, "",
                       Text("terminal.nothing_sold", options_.language)));
  }
  Say(SlipText(*last, nullptr, options_.language));
  result_["slip"] = SlipJson(*last, nullptr);
  return Finish(code);
}

ExitCode Desk::Totals() {
  const ExitCode code = Begin();
  if (log_ == nullptr) return Finish(code);
  client::Table table;
  table.Column(Text("terminal.totals.day", options_.language));
  table.Column(Text("terminal.totals.kind", options_.language));
  table.Column(Text("terminal.totals.count", options_.language), client::Align::kRight);
  table.Column(Text("terminal.totals.sum", options_.language), client::Align::kRight);
  result_["totals"] = Json::array();
  for (const Total& total : TotalsOf(log_->entries(), LocalDay)) {
    const std::string kind(TotalKindName(total.kind));
    table.Row({total.day, Text("terminal.totals." + kind, options_.language),
               std::to_string(total.count),
               base::FormatKopecks(total.amount_kopecks, options_.language)});
    result_["totals"].push_back({{"day", total.day},
                                 {"kind", kind},
                                 {"count", total.count},
                                 {"amount_kopecks", total.amount_kopecks}});
  }
  Say(table.Render());
  return Finish(code);
}

}  // namespace ladon::terminal
