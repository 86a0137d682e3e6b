#include "ladon/v1/report_service.grpc.pb.h"
#include "server/flow/reports.h"
#include "server/rpc/fields.h"
#include "server/rpc/services.h"

namespace ladon::rpc {
namespace {

using S = v1::ReportService;
using Raw = S::WithRawMethod_GetCatererReport<
    S::WithRawMethod_GetMunicipalReport<S::WithRawMethod_GetSchoolReport<S::Service>>>;

// Every request of the service has the same two fields.
template <class Request>
flow::ReportDays ReadDays(const Request& request, Fields* fields) {
  flow::ReportDays days;
  days.first = fields->Day("first_day", request.has_first_day(), request.first_day());
  days.last = fields->Day("last_day", request.has_last_day(), request.last_day());
  return days;
}

void SetSales(const flow::SalesFigures& sales, v1::SalesFigures* to) {
  to->set_portions(static_cast<uint64_t>(sales.portions));
  to->set_kopecks(sales.kopecks);
  to->set_cancelled_portions(static_cast<uint64_t>(sales.cancelled_portions));
  to->set_cancelled_kopecks(sales.cancelled_kopecks);
}

void SetFigures(const flow::MealFigures& figures, v1::MealFigures* to) {
  to->set_suppressed(figures.suppressed);
  to->set_days_left_out(figures.days_left_out);
  to->set_purses(figures.purses);
  to->set_debits(figures.debits);
  to->set_portions(figures.portions);
  to->set_meals_kopecks(figures.meals_kopecks);
  to->set_subsidised_kopecks(figures.subsidised_kopecks);
  to->set_subsidy_days_left_out(figures.subsidy_days_left_out);
  to->set_topped_up_kopecks(figures.topped_up_kopecks);
  to->set_top_up_days_left_out(figures.top_up_days_left_out);
}

void GetCatererReport(const CallContext& call, const v1::GetCatererReportRequest& request,
                      const Answer<v1::GetCatererReportResponse>& answer) {
  Fields fields;
  const flow::ReportDays days = ReadDays(request, &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::GetCatererReport(*call.house, call.caller, days,
                         [answer](absl::StatusOr<flow::CatererReport> report) {
                           if (!report.ok()) return answer(report.status());
                           v1::GetCatererReportResponse response;
                           for (flow::ProductSales& product : report->products) {
                             v1::ProductSales* const to = response.add_products();
                             SetDate(product.day, to->mutable_service_date());
                             if (!product.item.IsZero())
                               to->set_item_id(BytesOf(product.item.bytes));
                             to->set_category(product.category);
                             to->set_name(std::move(product.name));
                             SetSales(product.sales, to->mutable_sales());
                           }
                           SetSales(report->total, response.mutable_total());
                           response.set_owed_kopecks(report->owed_kopecks);
                           answer(std::move(response));
                         });
}

void GetMunicipalReport(const CallContext& call, const v1::GetMunicipalReportRequest& request,
                        const Answer<v1::GetMunicipalReportResponse>& answer) {
  Fields fields;
  const flow::ReportDays days = ReadDays(request, &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::GetMunicipalReport(*call.house, call.caller, days,
                           [answer](absl::StatusOr<flow::MunicipalReport> report) {
                             if (!report.ok()) return answer(report.status());
                             v1::GetMunicipalReportResponse response;
                             for (flow::SchoolFigures& school : report->schools) {
                               v1::SchoolFigures* const to = response.add_schools();
                               to->set_school_id(BytesOf(school.school.bytes));
                               to->set_name(std::move(school.name));
                               SetFigures(school.figures, to->mutable_figures());
                             }
                             SetFigures(report->total, response.mutable_total());
                             answer(std::move(response));
                           });
}

void GetSchoolReport(const CallContext& call, const v1::GetSchoolReportRequest& request,
                     const Answer<v1::GetSchoolReportResponse>& answer) {
  Fields fields;
  const flow::ReportDays days = ReadDays(request, &fields);
  if (!fields.ok()) return AnswerRefused(call, fields.status(), answer);
  flow::GetSchoolReport(*call.house, call.caller, days,
                        [answer](const absl::StatusOr<flow::SchoolReport>& report) {
                          if (!report.ok()) return answer(report.status());
                          v1::GetSchoolReportResponse response;
                          for (const flow::DayFigures& day : report->days) {
                            v1::DayFigures* const to = response.add_days();
                            SetDate(day.day, to->mutable_service_date());
                            SetFigures(day.figures, to->mutable_figures());
                          }
                          SetFigures(report->total, response.mutable_total());
                          answer(std::move(response));
                        });
}

class Host final : public ServiceHost {
 public:
  grpc::Service* service() override { return &service_; }
  void Serve(ServerContext* server) override {
    rpc::Serve<v1::GetCatererReportRequest, v1::GetCatererReportResponse>(
        server, "/ladon.v1.ReportService/GetCatererReport",
        LADON_LISTEN(service_, GetCatererReport), GetCatererReport);
    rpc::Serve<v1::GetMunicipalReportRequest, v1::GetMunicipalReportResponse>(
        server, "/ladon.v1.ReportService/GetMunicipalReport",
        LADON_LISTEN(service_, GetMunicipalReport), GetMunicipalReport);
    rpc::Serve<v1::GetSchoolReportRequest, v1::GetSchoolReportResponse>(
        server, "/ladon.v1.ReportService/GetSchoolReport", LADON_LISTEN(service_, GetSchoolReport),
        GetSchoolReport);
  }

 private:
  Raw service_;
};

}  // namespace

std::unique_ptr<ServiceHost> MakeReportService() {
  return std::make_unique<Host>();
}

}  // namespace ladon::rpc
