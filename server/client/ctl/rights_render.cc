#include "server/client/ctl/rights_render.h"

#include <utility>

#include "server/base/id.h"
#include "server/client/ctl/enum_words.h"
#include "server/client/ctl/render.h"
#include "server/client/ctl/values.h"
#include "server/client/text/table.h"

namespace ladon::ctl {
namespace {

using client::Align;
using client::Table;

constexpr size_t kActorDigits = 8;  // Enough to tell people apart; JSON has the whole id.

Json TextOrNull(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json IdOrNull(const std::string& bytes) {
  return TextOrNull(base::HexOf(bytes));
}

Json DateOrNull(bool present, const v1::Date& date) {
  return present ? Json(FormatDate(date)) : Json(nullptr);
}

std::string ShownTime(bool present, const google::protobuf::Timestamp& time) {
  return present ? FormatLocalTime(time.seconds()) : "";
}

// "data-protection officer 0123abcd"
std::string Who(const Context& context, const std::string& role, const std::string& id) {
  if (role.empty() && id.empty()) return "";
  const std::string digits = base::HexOf(id).substr(0, kActorDigits);
  return role.empty() ? digits : WordFor(context, "page.role.", role) + " " + digits;
}

std::string StateOf(const Context& context, const v1::Approval& approval, int64_t now) {
  const bool expired =
      approval.state() == v1::APPROVAL_STATE_PENDING && approval.expires_at().seconds() <= now;
  return WordFor(context, "approval.state.", expired ? "expired" : EnumWord(approval.state()));
}

std::string StateOf(const Context& context, const v1::RightsRequest& request) {
  if (request.overdue()) return context.Say("page.state.overdue");
  if (request.warn()) return context.Say("rights.due_soon");
  const bool extended = request.state() == v1::REQUEST_STATE_OPEN && request.extended();
  return WordFor(context, "page.state.", extended ? "extended" : EnumWord(request.state()));
}

Table WithColumns(const Context& context, const std::vector<std::string_view>& keys) {
  Table table;
  for (const std::string_view key : keys) table.Column(context.Say(key));
  return table;
}

std::string Rendered(const Context& context, const Table& table, std::string_view none) {
  return table.empty() ? context.Say(none) : table.Render();
}

}  // namespace

Json TimeJson(bool present, const google::protobuf::Timestamp& time) {
  return present ? Json(FormatUtc(time.seconds())) : Json(nullptr);
}

std::string CallWord(const Context& context, const std::string& call) {
  const std::string method = call.substr(call.rfind('/') + 1);
  const std::string word = WordFor(context, "approval.call.", method);
  return word == method ? call : word;
}

std::string ReasonName(v1::ErasureReason reason) {
  constexpr std::string_view kHead = "ERASURE_REASON_";
  const std::string& name = v1::ErasureReason_Name(reason);
  return name.size() > kHead.size() ? name.substr(kHead.size()) : "";
}

Json JsonOf(const v1::Approval& approval) {
  return {{"approval_id", base::HexOf(approval.approval_id())},
          {"state", EnumWord(approval.state())},
          {"call", approval.call()},
          {"school_id", IdOrNull(approval.school_id())},
          {"object_id", IdOrNull(approval.object_id())},
          {"content_digest", base::HexOf(approval.content_digest())},
          {"proposer_role", approval.proposer_role()},
          {"proposer_id", base::HexOf(approval.proposer_id())},
          {"proposed_at", TimeJson(approval.has_proposed_at(), approval.proposed_at())},
          {"expires_at", TimeJson(approval.has_expires_at(), approval.expires_at())},
          {"approver_role", TextOrNull(approval.approver_role())},
          {"approver_id", IdOrNull(approval.approver_id())},
          {"decided_at", TimeJson(approval.has_decided_at(), approval.decided_at())}};
}

Json JsonOf(const v1::Principal& principal) {
  return {{"principal", principal.uri()},
          {"state", EnumWord(principal.state())},
          {"granted", principal.granted()},
          {"granted_at", TimeJson(principal.has_granted_at(), principal.granted_at())},
          {"granted_by", IdOrNull(principal.granted_by())},
          {"approved_by", IdOrNull(principal.approved_by())},
          {"last_seen_day", TextOrNull(principal.last_seen_day())},
          {"idle", principal.idle()}};
}

Json JsonOf(const v1::GetKeysResponse& keys) {
  return {{"epoch", keys.epoch()},
          {"epoch_begun_at", TimeJson(keys.has_epoch_begun_at(), keys.epoch_begun_at())},
          {"rotation_due_at", TimeJson(keys.has_rotation_due_at(), keys.rotation_due_at())},
          {"data_keys", keys.data_keys()},
          {"destroyed_keys", keys.destroyed_keys()},
          {"rotation_under_way", keys.rotation_under_way()},
          {"rotation_done", keys.rotation_done()},
          {"rotation_failure", keys.rotation_failure()},
          {"standby_configured", keys.standby_configured()},
          {"standby_current", keys.standby_current()},
          {"standby_copied_at", TimeJson(keys.has_standby_copied_at(), keys.standby_copied_at())},
          {"standby_failure", keys.standby_failure()}};
}

Json JsonOf(const v1::Erasure& erasure) {
  return {{"erasure_id", base::HexOf(erasure.erasure_id())},
          {"step", EnumWord(erasure.step())},
          {"reason", EnumWord(erasure.reason())},
          {"school_id", base::HexOf(erasure.school_id())},
          {"subject_id", base::HexOf(erasure.subject_id())},
          {"requested_by_role", TextOrNull(erasure.requested_by_role())},
          {"requested_by", IdOrNull(erasure.requested_by())},
          {"approved_by_role", TextOrNull(erasure.approved_by_role())},
          {"approved_by", IdOrNull(erasure.approved_by())},
          {"requested_at", TimeJson(erasure.has_requested_at(), erasure.requested_at())},
          {"act_number", erasure.act_number()},
          {"settled_kopecks", erasure.settled_kopecks()},
          {"records", erasure.records()},
          {"palms", erasure.palms()},
          {"cards", erasure.cards()},
          {"keys_destroyed", erasure.keys_destroyed()},
          {"destroyed_in_epoch", erasure.destroyed_in_epoch()},
          {"epoch_after", erasure.epoch_after()},
          {"destroyed_at", TimeJson(erasure.has_destroyed_at(), erasure.destroyed_at())},
          {"done_at", TimeJson(erasure.has_done_at(), erasure.done_at())}};
}

Json JsonOf(const v1::RightsRequest& request) {
  return {{"rights_request_id", base::HexOf(request.rights_request_id())},
          {"kind", EnumWord(request.kind())},
          {"state", EnumWord(request.state())},
          {"school_id", base::HexOf(request.school_id())},
          {"subject_id", base::HexOf(request.subject_id())},
          {"recorded_by", base::HexOf(request.recorded_by())},
          {"received", DateOrNull(request.has_received(), request.received())},
          {"deadline", DateOrNull(request.has_deadline(), request.deadline())},
          {"extended", request.extended()},
          {"note", request.note()},
          {"closed", DateOrNull(request.has_closed(), request.closed())},
          {"due_soon", request.warn()},
          {"overdue", request.overdue()}};
}

Json JsonOf(const v1::Incident& incident) {
  return {{"incident_id", base::HexOf(incident.incident_id())},
          {"state", EnumWord(incident.state())},
          {"school_id", IdOrNull(incident.school_id())},
          {"detected_at", TimeJson(incident.has_detected_at(), incident.detected_at())},
          {"due_24", TimeJson(incident.has_due_24(), incident.due_24())},
          {"due_72", TimeJson(incident.has_due_72(), incident.due_72())},
          {"actor_id", IdOrNull(incident.actor_id())},
          {"from", TimeJson(incident.has_from(), incident.from())},
          {"until", TimeJson(incident.has_until(), incident.until())},
          {"cause", incident.cause()},
          {"harm", incident.harm()},
          {"measures", incident.measures()},
          {"contact", incident.contact()},
          {"receipt_24", TextOrNull(incident.receipt_24())},
          {"receipt_72", TextOrNull(incident.receipt_72())}};
}

std::string TableOf(const Context& context, const std::vector<v1::Approval>& approvals,
                    int64_t now_unix_seconds) {
  Table table = WithColumns(
      context, {"approval.id", "table.what", "table.school", "approval.object", "approval.asked_by",
                "approval.asked_at", "approval.until", "table.state"});
  for (const v1::Approval& one : approvals) {
    table.Row({base::HexOf(one.approval_id()), CallWord(context, one.call()),
               base::HexOf(one.school_id()), base::HexOf(one.object_id()),
               Who(context, one.proposer_role(), one.proposer_id()),
               ShownTime(one.has_proposed_at(), one.proposed_at()),
               ShownTime(one.has_expires_at(), one.expires_at()),
               StateOf(context, one, now_unix_seconds)});
  }
  return Rendered(context, table, "approval.none");
}

std::string TableOf(const Context& context, const std::vector<v1::Principal>& principals) {
  Table table = WithColumns(context, {"principal.uri", "table.state", "principal.granted_at",
                                      "principal.last_seen", "table.remark"});
  for (const v1::Principal& one : principals) {
    const std::string granted = one.granted() ? ShownTime(one.has_granted_at(), one.granted_at())
                                              : context.Say("principal.not_granted");
    table.Row({one.uri(), WordFor(context, "principal.state.", EnumWord(one.state())), granted,
               one.last_seen_day(), one.idle() ? context.Say("principal.idle") : ""});
  }
  return Rendered(context, table, "principal.none");
}

std::string TableOf(const Context& context, const std::vector<v1::Erasure>& erasures) {
  Table table;
  table.Column(context.Say("erasure.act"), Align::kRight);
  for (const std::string_view key : {"table.subject", "table.school", "act.reason", "erasure.step",
                                     "erasure.asked_at", "erasure.destroyed_at"}) {
    table.Column(context.Say(key));
  }
  for (const v1::Erasure& one : erasures) {
    table.Row({std::to_string(one.act_number()), base::HexOf(one.subject_id()),
               base::HexOf(one.school_id()),
               WordFor(context, "act.reason.", ReasonName(one.reason())),
               WordFor(context, "erasure.step.", EnumWord(one.step())),
               ShownTime(one.has_requested_at(), one.requested_at()),
               ShownTime(one.has_destroyed_at(), one.destroyed_at())});
  }
  return Rendered(context, table, "erasure.none");
}

std::string TableOf(const Context& context, const std::vector<v1::RightsRequest>& requests) {
  Table table = WithColumns(context, {"rights.id", "page.request", "table.subject", "page.received",
                                      "page.deadline", "table.state", "table.remark"});
  for (const v1::RightsRequest& one : requests) {
    table.Row({base::HexOf(one.rights_request_id()),
               WordFor(context, "page.request.", EnumWord(one.kind())),
               base::HexOf(one.subject_id()), FormatDate(one.received()),
               FormatDate(one.deadline()), StateOf(context, one), one.note()});
  }
  return Rendered(context, table, "rights.none");
}

std::string TableOf(const Context& context, const std::vector<v1::Incident>& incidents) {
  Table table =
      WithColumns(context, {"incident.id", "incident.detected_at", "incident.due_24",
                            "incident.due_72", "table.state", "table.school", "incident.cause"});
  for (const v1::Incident& one : incidents) {
    table.Row({base::HexOf(one.incident_id()), ShownTime(one.has_detected_at(), one.detected_at()),
               ShownTime(one.has_due_24(), one.due_24()), ShownTime(one.has_due_72(), one.due_72()),
               WordFor(context, "incident.state.", EnumWord(one.state())),
               base::HexOf(one.school_id()), one.cause()});
  }
  return Rendered(context, table, "incident.none");
}

std::string FactsOf(const Context& context, const v1::Approval& approval,
                    int64_t now_unix_seconds) {
  Table table = WithColumns(context, {"table.what", "table.value"});
  const std::vector<std::pair<std::string_view, std::string>> facts = {
      {"approval.id", base::HexOf(approval.approval_id())},
      {"approval.call", CallWord(context, approval.call()) + " (" + approval.call() + ")"},
      {"table.school", base::HexOf(approval.school_id())},
      {"approval.object", base::HexOf(approval.object_id())},
      {"approval.asked_by", WordFor(context, "page.role.", approval.proposer_role()) + " " +
                                base::HexOf(approval.proposer_id())},
      {"approval.asked_at", ShownTime(approval.has_proposed_at(), approval.proposed_at())},
      {"approval.until", ShownTime(approval.has_expires_at(), approval.expires_at())},
      {"approval.content", base::HexOf(approval.content_digest())},
      {"table.state", StateOf(context, approval, now_unix_seconds)}};
  for (const auto& [key, value] : facts) table.Row({context.Say(key), value});
  return table.Render();
}

std::string FactsOf(const Context& context, const v1::GetKeysResponse& keys) {
  Table table = WithColumns(context, {"table.what", "table.value"});
  const auto add = [&](std::string_view key, const std::string& value) {
    table.Row({context.Say(key), value});
  };
  add("keys.epoch", std::to_string(keys.epoch()));
  add("keys.epoch_begun", ShownTime(keys.has_epoch_begun_at(), keys.epoch_begun_at()));
  add("keys.rotation_due", ShownTime(keys.has_rotation_due_at(), keys.rotation_due_at()));
  add("keys.data_keys", std::to_string(keys.data_keys()));
  add("keys.destroyed_keys", std::to_string(keys.destroyed_keys()));
  add("keys.under_way", YesNo(context, keys.rotation_under_way()));
  if (!keys.rotation_failure().empty()) add("keys.rotation_failed", keys.rotation_failure());
  if (!keys.standby_configured()) {
    add("keys.standby", context.Say("keys.standby_none"));
    return table.Render();
  }
  add("keys.standby",
      context.Say(keys.standby_current() ? "keys.standby_current" : "keys.standby_behind"));
  add("keys.standby_copied", ShownTime(keys.has_standby_copied_at(), keys.standby_copied_at()));
  if (!keys.standby_failure().empty()) add("keys.standby_failed", keys.standby_failure());
  return table.Render();
}

}  // namespace ladon::ctl
