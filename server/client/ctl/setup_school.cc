#include "server/client/ctl/setup_school.h"

#include "server/base/id.h"
#include "server/client/ctl/csv_file.h"
#include "server/client/ctl/price_list.h"
#include "server/client/ctl/values.h"

namespace ladon::ctl {
namespace {

// As `school create` sets them.
constexpr int64_t kLowMoneyKopecks = 20'000;
constexpr int64_t kUnknownLivenessKopecks = 30'000;
constexpr int kCancelWindowSeconds = 600;

int TakeSchool(Context& context, const SchoolPlan& plan, MadeSchool* made) {
  const int listed = context.List<v1::ListSchoolsResponse>(
      v1::ListSchoolsRequest(), [&](const v1::ListSchoolsResponse& page) {
        for (const v1::School& school : page.schools()) {
          if (school.settings().name() == plan.name) made->school_id = school.school_id();
        }
      });
  if (listed != kDone || !made->school_id.empty()) return listed;
  v1::CreateSchoolRequest request;
  request.set_request_id(context.RequestId());
  v1::SchoolSettings& settings = *request.mutable_settings();
  settings.set_name(plan.name);
  settings.set_time_zone(plan.time_zone);
  settings.set_low_money_kopecks(kLowMoneyKopecks);
  settings.set_unknown_liveness_max_kopecks(kUnknownLivenessKopecks);
  settings.set_cancel_window_seconds(kCancelWindowSeconds);
  v1::CreateSchoolResponse response;
  const int code = context.Call(request, &response);
  made->school_id = response.school().school_id();
  return code;
}

int TakeCaterer(Context& context, const SchoolPlan& plan, MadeSchool* made) {
  v1::ListCaterersRequest list;
  list.set_school_id(made->school_id);
  const int listed =
      context.List<v1::ListCaterersResponse>(list, [&](const v1::ListCaterersResponse& page) {
        for (const v1::Caterer& caterer : page.caterers()) {
          if (caterer.name() == plan.caterer) made->caterer_id = caterer.caterer_id();
        }
      });
  if (listed != kDone || !made->caterer_id.empty()) return listed;
  v1::CreateCatererRequest request;
  request.set_request_id(context.RequestId());
  request.set_school_id(made->school_id);
  request.set_name(plan.caterer);
  v1::CreateCatererResponse response;
  const int code = context.Call(request, &response);
  made->caterer_id = response.caterer().caterer_id();
  return code;
}

int TakeTill(Context& context, const SchoolPlan& plan, MadeSchool* made) {
  v1::ListTerminalsRequest list;
  list.set_school_id(made->school_id);
  const int listed =
      context.List<v1::ListTerminalsResponse>(list, [&](const v1::ListTerminalsResponse& page) {
        for (const v1::Terminal& till : page.terminals()) {
          if (till.label() == plan.till) made->till_id = till.terminal_id();
        }
      });
  if (listed != kDone || !made->till_id.empty()) return listed;
  v1::RegisterTerminalRequest request;
  request.set_request_id(context.RequestId());
  request.set_school_id(made->school_id);
  request.set_label(plan.till);
  v1::RegisterTerminalResponse response;
  const int code = context.Call(request, &response);
  made->till_id = response.terminal().terminal_id();
  return code;
}

int PutPrices(Context& context, const SchoolPlan& plan, MadeSchool* made) {
  const absl::StatusOr<CsvTable> csv = ReadCsvFile(plan.prices, context.language());
  if (!csv.ok()) return context.Fail(csv.status());
  const absl::StatusOr<v1::PriceList> list =
      PriceListOf(*csv, *base::CatererId::FromBytes(made->caterer_id), TodayIn(plan.time_zone),
                  context.language());
  if (!list.ok()) return context.Fail(list.status());
  v1::PutPriceListRequest request;
  request.set_request_id(context.RequestId());
  *request.mutable_price_list() = *list;
  v1::PutPriceListResponse response;
  made->prices = *list;
  return context.Call(request, &response);
}

}  // namespace

int MakeSchool(Context& context, const SchoolPlan& plan, MadeSchool* made) {
  if (const int code = TakeSchool(context, plan, made); code != kDone) return code;
  if (!plan.caterer.empty()) {
    if (const int code = TakeCaterer(context, plan, made); code != kDone) return code;
  }
  if (!plan.prices.empty() && !made->caterer_id.empty()) {
    if (const int code = PutPrices(context, plan, made); code != kDone) return code;
  }
  return plan.till.empty() ? kDone : TakeTill(context, plan, made);
}

}  // namespace ladon::ctl
