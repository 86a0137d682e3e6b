#include "server/flow/basket.h"

#include <memory>
#include <string>

#include "ledger/proof/merkle.h"
#include "server/base/codec.h"
#include "server/flow/refusal.h"

namespace ladon::flow {
namespace {

std::string LinePath(size_t index, const char* field) {
  return "basket.lines[" + std::to_string(index) + "]" + field;
}

absl::Status CheckFreeAmount(const directory::School& school, const BasketLine& line,
                             size_t index) {
  if (line.quantity != 1) {
    return RefuseField(LinePath(index, ".quantity"), "must be 1 for a free amount");
  }
  if (line.category != 0) {
    return RefuseField(LinePath(index, ".category"), "must be 0 for a free amount");
  }
  if (line.unit_price_kopecks > school.settings.free_amount_max_kopecks) {
    return Refuse(Reason::kFreeAmountNotAllowed, LinePath(index, ".unit_price_kopecks"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckBasket(const directory::Directory& directory, const directory::School& school,
                         const Basket& basket, uint32_t service_day) {
  int64_t total = 0;
  for (const BasketLine& line : basket.lines) total += line.amount_kopecks();
  if (total != basket.total_kopecks) {
    return Refuse(Reason::kTotalMismatch, "basket.total_kopecks");
  }
  const auto caterer = directory.FindCaterer(basket.caterer);
  if (!caterer || caterer->school != school.id) {
    return Refuse(Reason::kCatererUnknown, "basket.caterer_id");
  }
  const std::shared_ptr<const directory::PriceList> list =
      directory.FindPriceList(basket.caterer, service_day);
  for (size_t i = 0; i < basket.lines.size(); ++i) {
    const BasketLine& line = basket.lines[i];
    if (line.item.IsZero()) {
      if (absl::Status s = CheckFreeAmount(school, line, i); !s.ok()) return s;
      continue;
    }
    if (list == nullptr) return Refuse(Reason::kPriceListMissing, "basket.caterer_id");
    const directory::PriceListItem* const item = list->Find(line.item);
    if (item == nullptr) return Refuse(Reason::kPriceNotOnList, LinePath(i, ".item_id"));
    if (item->category != line.category) {
      return Refuse(Reason::kPriceNotOnList, LinePath(i, ".category"));
    }
    if (item->unit_price_kopecks != line.unit_price_kopecks) {
      return Refuse(Reason::kPriceNotOnList, LinePath(i, ".unit_price_kopecks"));
    }
  }
  return absl::OkStatus();
}

ledger::Digest BasketDigest(const Basket& basket) {
  base::Encoder out;
  out.Raw("ladon/basket/1");
  out.Put(basket.caterer);
  for (const BasketLine& line : basket.lines) {
    out.Put(line.item);
    out.U16(line.category);
    out.U32(line.quantity);
    out.I64(line.unit_price_kopecks);
    out.U8(line.purse);
  }
  return ledger::Sha256(out.Take());
}

}  // namespace ladon::flow
