// Figures of meals for those who see no child: a caterer, a school's head, a municipality.
//
// Each is derived from the journal at the call (report_reader.h); what is told of schools leaves
// small cells out (small_cells.h), and days
// that are not over in the school. Everybody gets their own: the caller's principal says whose.
// Threading: any thread; `done` on a thread of the ledger's. Of all: last_day by field for days out
// of order, too many of them, or more in them than may be read or told; kOverloaded, as exports;
// kDeadlinePassed.
#ifndef LADON_SERVER_FLOW_REPORTS_H_
#define LADON_SERVER_FLOW_REPORTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "server/flow/commit.h"
#include "server/flow/report_reader.h"
#include "server/flow/small_cells.h"

namespace ladon::flow {

struct SalesFigures {
  int64_t portions = 0;
  int64_t kopecks = 0;
  int64_t cancelled_portions = 0;
  int64_t cancelled_kopecks = 0;

  friend bool operator==(const SalesFigures&, const SalesFigures&) = default;
};

struct ProductSales {
  uint32_t day = 0;
  base::ItemId item;  // Zero: free amounts.
  uint16_t category = 0;
  std::string name;  // On the price list of the day; empty: free amounts.
  SalesFigures sales;
};

struct CatererReport {
  std::vector<ProductSales> products;  // By day, category and item.
  SalesFigures total;
  int64_t owed_kopecks = 0;  // Now.
};

// The caterer whose certificate calls. kNotPermitted: there is no such caterer at its school.
void GetCatererReport(const House& house, const access::Caller& caller, const ReportDays& days,
                      Done<CatererReport> done);

struct SchoolFigures {
  base::SchoolId school;
  std::string name;
  MealFigures figures;
};

struct MunicipalReport {
  std::vector<SchoolFigures> schools;  // Where something happened, by id.
  MealFigures total;
};

void GetMunicipalReport(const House& house, const access::Caller& caller, const ReportDays& days,
                        Done<MunicipalReport> done);

struct DayFigures {
  uint32_t day = 0;
  MealFigures figures;
};

struct SchoolReport {
  std::vector<DayFigures> days;  // On which something happened, in order.
  MealFigures total;
};

// The caller's school.
void GetSchoolReport(const House& house, const access::Caller& caller, const ReportDays& days,
                     Done<SchoolReport> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_REPORTS_H_
