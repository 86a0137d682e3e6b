#include <set>
#include <string>
#include <utility>

#include "ladon/v1/admin_service.grpc.pb.h"
#include "server/flow/coming_stops.h"
#include "server/flow/service_day.h"
#include "server/flow/setup.h"
#include "server/rpc/fields.h"
#include "server/rpc/limits.h"
#include "server/rpc/services.h"

namespace ladon::rpc {
namespace {

using S = v1::AdminService;
using Raw = S::WithRawMethod_CreateSchool<
    S::WithRawMethod_UpdateSchoolSettings<S::WithRawMethod_ListSchools<
        S::WithRawMethod_RegisterTerminal<S::WithRawMethod_SetTerminalState<
            S::WithRawMethod_ListTerminals<S::WithRawMethod_CreateCaterer<
                S::WithRawMethod_ListCaterers<S::WithRawMethod_PutPriceList<
                    S::WithRawMethod_GetPriceList<S::WithRawMethod_ListComingStops<
                        S::WithRawMethod_GetFigures<S::Service>>>>>>>>>>>>;

constexpr int64_t kSumKopecksMax = 10'000'000;
constexpr int64_t kCancelWindowSecondsMax = 86'400;

directory::SchoolSettings SettingsOf(bool present, const v1::SchoolSettings& from, Fields* fields) {
  fields->Require(present, "settings", "must be given");
  directory::SchoolSettings to;
  to.name = fields->Text("settings.name", from.name(), 1, kSchoolNameCharactersMax);
  fields->Require(flow::IsTimeZone(from.time_zone()), "settings.time_zone",
                  "must be an IANA name like Asia/Tomsk");
  to.time_zone = from.time_zone();
  to.biometrics = from.biometrics();
  to.biometrics_document_id =
      fields->Ascii("settings.biometrics_document_id", from.biometrics_document_id(),
                    from.biometrics() ? 1 : 0, kDocumentIdBytesMax);
  to.show_balance_at_till = from.show_balance_at_till();
  to.low_money_kopecks =
      fields->Range("settings.low_money_kopecks", from.low_money_kopecks(), 0, kSumKopecksMax);
  to.free_amount_max_kopecks = fields->Range("settings.free_amount_max_kopecks",
                                             from.free_amount_max_kopecks(), 0, kSumKopecksMax);
  to.unknown_liveness_max_kopecks =
      fields->Range("settings.unknown_liveness_max_kopecks", from.unknown_liveness_max_kopecks(), 0,
                    kSumKopecksMax);
  to.cancel_window_seconds = static_cast<uint32_t>(fields->Range(
      "settings.cancel_window_seconds", from.cancel_window_seconds(), 0, kCancelWindowSecondsMax));
  return to;
}

void SetSchool(const directory::School& from, v1::School* to) {
  to->set_school_id(BytesOf(from.id.bytes));
  to->set_cash_desk_account_id(BytesOf(from.cash_desk_account.bytes));
  v1::SchoolSettings* const s = to->mutable_settings();
  s->set_name(from.settings.name);
  s->set_time_zone(from.settings.time_zone);
  s->set_biometrics(from.settings.biometrics);
  s->set_biometrics_document_id(from.settings.biometrics_document_id);
  s->set_show_balance_at_till(from.settings.show_balance_at_till);
  s->set_low_money_kopecks(from.settings.low_money_kopecks);
  s->set_free_amount_max_kopecks(from.settings.free_amount_max_kopecks);
  s->set_unknown_liveness_max_kopecks(from.settings.unknown_liveness_max_kopecks);
  s->set_cancel_window_seconds(static_cast<int32_t>(from.settings.cancel_window_seconds));
}

void SetTerminal(const directory::Terminal& from, v1::Terminal* to) {
  to->set_terminal_id(BytesOf(from.id.bytes));
  to->set_school_id(BytesOf(from.school.bytes));
  to->set_label(from.label);
  to->set_state(static_cast<v1::TerminalState>(from.state));
}

void SetCaterer(const directory::Caterer& from, v1::Caterer* to) {
  to->set_caterer_id(BytesOf(from.id.bytes));
  to->set_name(from.name);
  to->set_school_id(BytesOf(from.school.bytes));
  to->set_payable_account_id(BytesOf(from.payable_account.bytes));
}

template <class Response, class Thing, class Set>
flow::Done<flow::SetUp<Thing>> MadeAnswer(const Answer<Response>& answer, Set set) {
  return [answer, set](absl::StatusOr<flow::SetUp<Thing>> made) {
    if (!made.ok()) return answer(made.status());
    Response response;
    set(made->made, &response);
    response.set_journal_index(made->journal_index);
    answer(std::move(response));
  };
}

// An answer that reads the directory only: recorded, then given.
template <class Response>
void ReplyRead(const CallContext& call, const flow::Object& object,
               absl::StatusOr<Response> response, const Answer<Response>& answer) {
  flow::Reply<Response>(*call.house, call.caller, object, std::move(response), answer);
}

void CreateSchool(const CallContext& call, const v1::CreateSchoolRequest& request,
                  const Answer<v1::CreateSchoolResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const auto settings = SettingsOf(request.has_settings(), request.settings(), &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::CreateSchool(*call.house, call.caller, RequestOf(call, request_id), settings,
                     MadeAnswer<v1::CreateSchoolResponse, directory::School>(
                         answer, [](const directory::School& made, v1::CreateSchoolResponse* to) {
                           SetSchool(made, to->mutable_school());
                         }));
}

void UpdateSchoolSettings(const CallContext& call, const v1::UpdateSchoolSettingsRequest& request,
                          const Answer<v1::UpdateSchoolSettingsResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const auto school = fields.Id<base::SchoolId>("school_id", request.school_id());
  const auto settings = SettingsOf(request.has_settings(), request.settings(), &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::UpdateSchoolSettings(
      *call.house, call.caller, RequestOf(call, request_id), school, settings,
      MadeAnswer<v1::UpdateSchoolSettingsResponse, directory::School>(
          answer, [](const directory::School& made, v1::UpdateSchoolSettingsResponse* to) {
            SetSchool(made, to->mutable_school());
          }));
}

void ListSchools(const CallContext& call, const v1::ListSchoolsRequest& request,
                 const Answer<v1::ListSchoolsResponse>& answer) {
  Fields fields;
  const size_t limit = fields.PageSize(request.page_size());
  const auto after = PageStart<base::SchoolId>(&fields, request.page_token());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  v1::ListSchoolsResponse response;
  const auto page = call.house->directory->ListSchools(after, limit);
  for (const directory::School& school : page) SetSchool(school, response.add_schools());
  if (page.size() == limit) response.set_next_page_token(base::HexOf(page.back().id));
  ReplyRead<v1::ListSchoolsResponse>(call, {}, std::move(response), answer);
}

void RegisterTerminal(const CallContext& call, const v1::RegisterTerminalRequest& request,
                      const Answer<v1::RegisterTerminalResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const auto school = fields.Id<base::SchoolId>("school_id", request.school_id());
  const std::string label = fields.Text("label", request.label(), 1, kLabelCharactersMax);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::RegisterTerminal(
      *call.house, call.caller, RequestOf(call, request_id), school, label,
      MadeAnswer<v1::RegisterTerminalResponse, directory::Terminal>(
          answer, [](const directory::Terminal& made, v1::RegisterTerminalResponse* to) {
            SetTerminal(made, to->mutable_terminal());
          }));
}

void SetTerminalState(const CallContext& call, const v1::SetTerminalStateRequest& request,
                      const Answer<v1::SetTerminalStateResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const auto terminal = fields.Id<base::TerminalId>("terminal_id", request.terminal_id());
  const auto state = fields.Enum("state", request.state(), v1::TerminalState_IsValid);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::SetTerminalState(
      *call.house, call.caller, RequestOf(call, request_id), terminal,
      static_cast<directory::TerminalState>(state),
      MadeAnswer<v1::SetTerminalStateResponse, directory::Terminal>(
          answer, [](const directory::Terminal& made, v1::SetTerminalStateResponse* to) {
            SetTerminal(made, to->mutable_terminal());
          }));
}

// The school a list is asked for: one that exists and that the caller may look into.
base::SchoolId VisibleSchool(const CallContext& call, const std::string& bytes, Fields* fields) {
  const auto school = fields->Id<base::SchoolId>("school_id", bytes);
  if (!fields->ok()) return school;
  if (!call.caller.MayActFor(school)) {
    fields->FailWith(flow::Refuse(flow::Reason::kNotPermitted));
  } else if (!call.house->directory->FindSchool(school)) {
    fields->FailWith(flow::Refuse(flow::Reason::kSchoolUnknown, "school_id"));
  }
  return school;
}

void ListTerminals(const CallContext& call, const v1::ListTerminalsRequest& request,
                   const Answer<v1::ListTerminalsResponse>& answer) {
  Fields fields;
  const auto school = VisibleSchool(call, request.school_id(), &fields);
  const size_t limit = fields.PageSize(request.page_size());
  const auto after = PageStart<base::TerminalId>(&fields, request.page_token());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  v1::ListTerminalsResponse response;
  const auto page = call.house->directory->ListTerminals(school, after, limit);
  for (const directory::Terminal& terminal : page) SetTerminal(terminal, response.add_terminals());
  if (page.size() == limit) response.set_next_page_token(base::HexOf(page.back().id));
  ReplyRead<v1::ListTerminalsResponse>(call, school.bytes, std::move(response), answer);
}

void CreateCaterer(const CallContext& call, const v1::CreateCatererRequest& request,
                   const Answer<v1::CreateCatererResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  const auto school = fields.Id<base::SchoolId>("school_id", request.school_id());
  const std::string name = fields.Text("name", request.name(), 1, kSchoolNameCharactersMax);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::CreateCaterer(
      *call.house, call.caller, RequestOf(call, request_id), school, name,
      MadeAnswer<v1::CreateCatererResponse, directory::Caterer>(
          answer, [](const directory::Caterer& made, v1::CreateCatererResponse* to) {
            SetCaterer(made, to->mutable_caterer());
          }));
}

void ListCaterers(const CallContext& call, const v1::ListCaterersRequest& request,
                  const Answer<v1::ListCaterersResponse>& answer) {
  Fields fields;
  const auto school = VisibleSchool(call, request.school_id(), &fields);
  const size_t limit = fields.PageSize(request.page_size());
  const auto after = PageStart<base::CatererId>(&fields, request.page_token());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  v1::ListCaterersResponse response;
  const auto page = call.house->directory->ListCaterers(school, after, limit);
  for (const directory::Caterer& caterer : page) SetCaterer(caterer, response.add_caterers());
  if (page.size() == limit) response.set_next_page_token(base::HexOf(page.back().id));
  ReplyRead<v1::ListCaterersResponse>(call, school.bytes, std::move(response), answer);
}

void PutPriceList(const CallContext& call, const v1::PutPriceListRequest& request,
                  const Answer<v1::PutPriceListResponse>& answer) {
  Fields fields;
  const auto request_id = fields.Id<base::RequestId>("request_id", request.request_id());
  fields.Require(request.has_price_list(), "price_list", "must be given");
  const v1::PriceList& from = request.price_list();
  directory::PriceList list;
  list.caterer = fields.Id<base::CatererId>("price_list.caterer_id", from.caterer_id());
  list.valid_from = fields.Day("price_list.valid_from", from.has_valid_from(), from.valid_from());
  fields.Require(from.items_size() >= 1 &&
                     from.items_size() <= static_cast<int>(directory::kPriceListItemsMax),
                 "price_list.items", "must be 1 to 500 items");
  std::set<base::ItemId> seen;
  for (int i = 0; i < from.items_size() && fields.ok(); ++i) {
    const v1::PriceListItem& item = from.items(i);
    const std::string path = "price_list.items[" + std::to_string(i) + "].";
    directory::PriceListItem one;
    one.id = fields.Id<base::ItemId>(path + "item_id", item.item_id());
    one.category =
        static_cast<uint16_t>(fields.Range(path + "category", item.category(), 1, kCategoryMax));
    one.name = fields.Text(path + "name", item.name(), 1, kItemNameCharactersMax);
    one.unit_price_kopecks = fields.Range(path + "unit_price_kopecks", item.unit_price_kopecks(), 1,
                                          flow::kUnitPriceKopecksMax);
    fields.Require(seen.insert(one.id).second, path + "item_id", "must not repeat on the list");
    list.items.push_back(std::move(one));
  }
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::PutPriceList(*call.house, call.caller, RequestOf(call, request_id), list,
                     [answer](absl::StatusOr<uint64_t> index) {
                       if (!index.ok()) return answer(index.status());
                       v1::PutPriceListResponse response;
                       response.set_journal_index(*index);
                       answer(std::move(response));
                     });
}

void GetPriceList(const CallContext& call, const v1::GetPriceListRequest& request,
                  const Answer<v1::GetPriceListResponse>& answer) {
  Fields fields;
  const auto id = fields.Id<base::CatererId>("caterer_id", request.caterer_id());
  const uint32_t day = fields.Day("day", request.has_day(), request.day());
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  const auto caterer = call.house->directory->FindCaterer(id);
  if (!caterer || !call.caller.MayActFor(caterer->school)) {
    return AnswerRefused(call, flow::Refuse(flow::Reason::kCatererUnknown, "caterer_id"), answer);
  }
  const auto list = call.house->directory->FindPriceList(id, day);
  if (list == nullptr) {
    return AnswerRefused(call, flow::Refuse(flow::Reason::kPriceListMissing, "day"), answer);
  }
  v1::GetPriceListResponse response;
  v1::PriceList* const to = response.mutable_price_list();
  to->set_caterer_id(BytesOf(list->caterer.bytes));
  SetDate(list->valid_from, to->mutable_valid_from());
  for (const directory::PriceListItem& item : list->items) {
    v1::PriceListItem* const one = to->add_items();
    one->set_item_id(BytesOf(item.id.bytes));
    one->set_category(item.category);
    one->set_name(item.name);
    one->set_unit_price_kopecks(item.unit_price_kopecks);
  }
  ReplyRead<v1::GetPriceListResponse>(call, id.bytes, std::move(response), answer);
}

void ListComingStops(const CallContext& call, const v1::ListComingStopsRequest& request,
                     const Answer<v1::ListComingStopsResponse>& answer) {
  Fields fields;
  fields.Require(request.days() <= flow::kComingDaysMax, "days", "must be 0 to 366");
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  const uint32_t days = request.days() == 0 ? flow::kComingDays : request.days();
  flow::ListComingStops(*call.house, call.caller, days,
                        [answer](const absl::StatusOr<std::vector<flow::ComingStop>>& stops) {
                          if (!stops.ok()) return answer(stops.status());
                          v1::ListComingStopsResponse response;
                          for (const flow::ComingStop& stop : *stops) {
                            v1::ComingStop* to = response.add_stops();
                            to->set_kind(static_cast<v1::ComingStopKind>(stop.kind));
                            to->set_school_id(BytesOf(stop.school.bytes));
                            SetDate(stop.first_day, to->mutable_first_day());
                            to->set_count(stop.count);
                            if (!stop.terminal.IsZero())
                              to->set_terminal_id(BytesOf(stop.terminal.bytes));
                          }
                          answer(std::move(response));
                        });
}

void SetFigure(const Figure& figure, v1::Figure* to) {
  to->set_name(figure.name);
  to->set_rpc(figure.rpc);
  to->set_reason(figure.reason);
  to->set_value(figure.value);
  for (const Figure::Bucket& bucket : figure.buckets) {
    v1::FigureBucket* const one = to->add_buckets();
    one->set_seconds_max(bucket.seconds_max);
    one->set_count(bucket.count);
  }
}

// On the officers' thread: it reads files and walks over every till, which no sale waits for.
void GetFigures(const CallContext& call, const v1::GetFiguresRequest& /*request*/,
                const Answer<v1::GetFiguresResponse>& answer) {
  flow::CountTills(*call.house, call.caller,
                   [monitor = call.monitor, answer](const absl::StatusOr<flow::TillCounts>& tills) {
                     if (!tills.ok()) return answer(tills.status());
                     v1::GetFiguresResponse response;
                     for (const Figure& figure : monitor->Figures()) {
                       SetFigure(figure, response.add_figures());
                     }
                     response.set_tills(tills->working);
                     response.set_tills_seen_today(tills->seen_today);
                     answer(std::move(response));
                   });
}

class Host final : public ServiceHost {
 public:
  grpc::Service* service() override { return &service_; }

  void Serve(ServerContext* server) override {
    rpc::Serve<v1::CreateSchoolRequest, v1::CreateSchoolResponse>(
        server, "/ladon.v1.AdminService/CreateSchool", LADON_LISTEN(service_, CreateSchool),
        CreateSchool);
    rpc::Serve<v1::UpdateSchoolSettingsRequest, v1::UpdateSchoolSettingsResponse>(
        server, "/ladon.v1.AdminService/UpdateSchoolSettings",
        LADON_LISTEN(service_, UpdateSchoolSettings), UpdateSchoolSettings);
    rpc::Serve<v1::ListSchoolsRequest, v1::ListSchoolsResponse>(
        server, "/ladon.v1.AdminService/ListSchools", LADON_LISTEN(service_, ListSchools),
        ListSchools);
    rpc::Serve<v1::RegisterTerminalRequest, v1::RegisterTerminalResponse>(
        server, "/ladon.v1.AdminService/RegisterTerminal", LADON_LISTEN(service_, RegisterTerminal),
        RegisterTerminal);
    rpc::Serve<v1::SetTerminalStateRequest, v1::SetTerminalStateResponse>(
        server, "/ladon.v1.AdminService/SetTerminalState", LADON_LISTEN(service_, SetTerminalState),
        SetTerminalState);
    rpc::Serve<v1::ListTerminalsRequest, v1::ListTerminalsResponse>(
        server, "/ladon.v1.AdminService/ListTerminals", LADON_LISTEN(service_, ListTerminals),
        ListTerminals);
    rpc::Serve<v1::CreateCatererRequest, v1::CreateCatererResponse>(
        server, "/ladon.v1.AdminService/CreateCaterer", LADON_LISTEN(service_, CreateCaterer),
        CreateCaterer);
    rpc::Serve<v1::ListCaterersRequest, v1::ListCaterersResponse>(
        server, "/ladon.v1.AdminService/ListCaterers", LADON_LISTEN(service_, ListCaterers),
        ListCaterers);
    rpc::Serve<v1::PutPriceListRequest, v1::PutPriceListResponse>(
        server, "/ladon.v1.AdminService/PutPriceList", LADON_LISTEN(service_, PutPriceList),
        PutPriceList);
    rpc::Serve<v1::GetPriceListRequest, v1::GetPriceListResponse>(
        server, "/ladon.v1.AdminService/GetPriceList", LADON_LISTEN(service_, GetPriceList),
        GetPriceList);
    rpc::Serve<v1::ListComingStopsRequest, v1::ListComingStopsResponse>(
        server, "/ladon.v1.AdminService/ListComingStops", LADON_LISTEN(service_, ListComingStops),
        ListComingStops);
    rpc::Serve<v1::GetFiguresRequest, v1::GetFiguresResponse>(
        server, "/ladon.v1.AdminService/GetFigures", LADON_LISTEN(service_, GetFigures),
        GetFigures);
  }

 private:
  Raw service_;
};

}  // namespace

std::unique_ptr<ServiceHost> MakeAdminService() {
  return std::make_unique<Host>();
}

}  // namespace ladon::rpc
