#include "server/client/ctl/subject_export.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "server/base/id.h"
#include "server/base/processing.h"
#include "server/client/ctl/enum_words.h"
#include "server/client/ctl/render.h"
#include "server/client/ctl/rights_render.h"
#include "server/client/ctl/subject_page.h"
#include "server/client/ctl/values.h"

namespace ladon::ctl {
namespace {

Json DateJson(bool present, const v1::Date& date) {
  return present ? Json(FormatDate(date)) : Json(nullptr);
}

Json SubjectOf(const v1::ExportSubjectResponse& held) {
  const v1::SubjectName& name = held.subject().name();
  return {{"subject_id", base::HexOf(held.subject().subject_id())},
          {"school_id", base::HexOf(held.school_id())},
          {"kind", EnumWord(held.subject().kind())},
          {"state", EnumWord(held.subject().state())},
          {"family_name", name.family_name()},
          {"given_name", name.given_name()},
          {"class_name", name.class_name()},
          {"external_id", held.subject().external_id()},
          {"payment_account", held.subject().payment_account()},
          {"birth_date", DateJson(held.has_birth_date(), held.birth_date())},
          {"left_on", DateJson(held.has_left_on(), held.left_on())}};
}

// As the document names them; of records without: what its kind is for.
Json PurposesOf(const v1::ConsentView& consent, base::Language language) {
  Json purposes = Json::array();
  for (const int purpose : consent.purposes()) {
    const std::string key = "consent_purpose." + EnumWord(static_cast<v1::ConsentPurpose>(purpose));
    purposes.push_back(base::HasText(key) ? base::Text(key, language) : key);
  }
  if (!purposes.empty()) return purposes;
  const std::string_view processing = consent.kind() == v1::CONSENT_KIND_BIOMETRIC
                                          ? base::kBiometricProcessing
                                          : base::kAccountingProcessing;
  purposes.push_back(std::string(base::FindProcessing(processing)->purpose.In(language)));
  return purposes;
}

Json ConsentOf(const v1::ConsentView& consent, base::Language language) {
  const std::string& authority = consent.authority_document_sha256();
  return {{"consent_id", base::HexOf(consent.consent_id())},
          {"kind", EnumWord(consent.kind())},
          {"signer", EnumWord(consent.signer())},
          {"form", EnumWord(consent.form())},
          {"document_sha256", base::HexOf(consent.document_sha256())},
          {"authority_document_sha256", authority.empty() ? Json() : Json(base::HexOf(authority))},
          {"authority_checked_by", base::HexOf(consent.recorded_by())},
          {"recorded_at", TimeJson(consent.has_recorded_at(), consent.recorded_at())},
          {"valid_from", DateJson(consent.has_valid_from(), consent.valid_from())},
          {"valid_until", DateJson(consent.has_valid_until(), consent.valid_until())},
          {"withdrawn_at", TimeJson(consent.has_withdrawn_at(), consent.withdrawn_at())},
          {"purposes", PurposesOf(consent, language)},
          {"processor", consent.processor().empty() ? Json() : Json(consent.processor())}};
}

// One line a hand: how many codes, and the best of their qualities.
Json PalmsOf(const v1::ExportSubjectResponse& held) {
  struct Hand {
    uint32_t samples = 0;
    uint32_t quality = 0;
    uint32_t bytes = 0;
  };
  std::map<v1::PalmSide, Hand> hands;
  for (const v1::PalmView& palm : held.palms()) {
    Hand& hand = hands[palm.side()];
    ++hand.samples;
    hand.quality = std::max(hand.quality, palm.quality());
    hand.bytes += palm.template_bytes();
  }
  Json palms = Json::array();
  for (const auto& [side, hand] : hands) {
    palms.push_back({{"side", EnumWord(side)},
                     {"samples", hand.samples},
                     {"enrolled_quality", hand.quality},
                     {"template_bytes", hand.bytes}});
  }
  return palms;
}

Json CardsOf(const v1::ExportSubjectResponse& held) {
  Json cards = Json::array();
  for (const v1::CardView& card : held.cards()) {
    cards.push_back({{"card_id", base::HexOf(card.card_id())},
                     {"state", EnumWord(card.state())},
                     {"valid_until", DateJson(card.has_valid_until(), card.valid_until())},
                     {"tail", card.tail()}});
  }
  return cards;
}

Json PursesOf(const v1::ExportSubjectResponse& held) {
  Json purses = Json::array();
  for (const v1::PurseView& purse : held.purses()) {
    purses.push_back({{"purse", std::string(WordOf(purse.purse()))},
                      {"account_id", base::HexOf(purse.account_id())},
                      {"balance_kopecks", purse.balance_kopecks()},
                      {"overdraft_limit_kopecks", purse.overdraft_limit_kopecks()},
                      {"frozen", purse.frozen()}});
  }
  return purses;
}

Json RequestsOf(const v1::ExportSubjectResponse& held) {
  Json requests = Json::array();
  for (const v1::RightsRequest& request : held.requests()) {
    const bool extended = request.state() == v1::REQUEST_STATE_OPEN && request.extended();
    requests.push_back({{"request_id", base::HexOf(request.rights_request_id())},
                        {"kind", EnumWord(request.kind())},
                        {"received", DateJson(request.has_received(), request.received())},
                        {"deadline", DateJson(request.has_deadline(), request.deadline())},
                        {"state", extended ? "extended" : EnumWord(request.state())},
                        {"closed", DateJson(request.has_closed(), request.closed())},
                        {"note", request.note()}});
  }
  return requests;
}

Json MovementsOf(const v1::ExportSubjectResponse& held) {
  Json movements = Json::array();
  for (const v1::Movement& movement : held.movements()) {
    std::string what = movement.what();
    std::transform(what.begin(), what.end(), what.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    movements.push_back(
        {{"account_id", base::HexOf(movement.account_id())},
         {"at", TimeJson(movement.has_booked_at(), movement.booked_at())},
         {"service_date", DateJson(movement.has_service_date(), movement.service_date())},
         {"what", what},
         {"item", movement.item()},
         {"amount_kopecks", movement.amount_kopecks()},
         {"balance_kopecks", movement.balance_kopecks()}});
  }
  return movements;
}

// Oldest first. What the server does by itself is nobody's access.
Json AccessesOf(std::vector<v1::SecurityEvent> events) {
  std::sort(
      events.begin(), events.end(),
      [](const v1::SecurityEvent& a, const v1::SecurityEvent& b) { return a.index() < b.index(); });
  Json accesses = Json::array();
  for (const v1::SecurityEvent& event : events) {
    if (event.role().empty()) continue;
    accesses.push_back({{"at", TimeJson(event.has_at(), event.at())},
                        {"role", event.role()},
                        {"actor", base::HexOf(event.actor_id())},
                        {"call", event.call()},
                        {"outcome", EnumWord(event.outcome())}});
  }
  return accesses;
}

bool HasBiometrics(const v1::ExportSubjectResponse& held) {
  return !held.palms().empty() || std::any_of(held.consents().begin(), held.consents().end(),
                                              [](const v1::ConsentView& consent) {
                                                return consent.kind() == v1::CONSENT_KIND_BIOMETRIC;
                                              });
}

}  // namespace

Json SubjectExportJson(const v1::ExportSubjectResponse& held,
                       const std::vector<v1::SecurityEvent>& accesses, const ExportedBy& by,
                       base::Language language) {
  Json bases = Json::array();
  Json recipients = Json::array();
  for (const base::Processing& one : base::AllProcessings()) {
    if (one.id == base::kBiometricProcessing && !HasBiometrics(held)) continue;
    const auto say = [&](const base::Bilingual& text) { return std::string(text.In(language)); };
    bases.push_back({{"processing", say(one.name)},
                     {"purpose", say(one.purpose)},
                     {"basis", say(one.basis)},
                     {"term", say(one.term)}});
    recipients.push_back({{"who", say(one.recipients)}, {"why", say(one.name)}});
  }
  Json consents = Json::array();
  for (const v1::ConsentView& consent : held.consents()) {
    consents.push_back(ConsentOf(consent, language));
  }
  return {{"format", std::string(kSubjectExportFormat)},
          {"made_at", FormatUtc(by.made_at_unix_seconds)},
          {"operator", {{"name", by.operator_name}, {"address", by.operator_address}}},
          {"subject", SubjectOf(held)},
          {"legal_bases", std::move(bases)},
          {"consents", std::move(consents)},
          {"palms", PalmsOf(held)},
          {"cards", CardsOf(held)},
          {"pin", held.pin()},
          {"purses", PursesOf(held)},
          {"requests", RequestsOf(held)},
          {"movements", MovementsOf(held)},
          {"movements_cut", held.movements_cut()},
          {"accesses", AccessesOf(accesses)},
          {"recipients", std::move(recipients)}};
}

}  // namespace ladon::ctl
