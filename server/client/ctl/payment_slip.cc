#include "server/client/ctl/payment_slip.h"

#include <qrencode.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "server/client/ctl/html.h"
#include "server/client/ctl/unicode.h"

namespace ladon::ctl {
namespace {

constexpr size_t kQuietModules = 4;

// All lengths below are tenths of a millimetre. A sheet of A4 with margins of 10 mm has 2770 of
// height: three slips of the least height with what the page puts around each.
constexpr size_t kSlipWidth = 1900;
constexpr size_t kSlipHeightMin = 860;
constexpr size_t kEdge = 30;
constexpr size_t kQrSide = 540;
constexpr size_t kQrLeft = kSlipWidth - kEdge - kQrSide;
constexpr size_t kColumnWidth = kQrLeft - 2 * kEdge;  // Of the texts beside the QR code.
constexpr size_t kFootWidth = kSlipWidth - 2 * kEdge;

constexpr size_t kSmall = 33;
constexpr size_t kPlain = 38;
constexpr size_t kLarge = 58;
constexpr size_t kNumber = 120;

constexpr std::string_view kPageHead =
    "<!DOCTYPE html>\n<html lang=\"ru\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<style>\n"
    "@page { size: A4; margin: 10mm; }\n"
    "body { color: #000; background: #fff; width: 190mm; max-width: 100%; margin: 0 auto; }\n"
    "section { break-inside: avoid; padding: 2mm 0; border-bottom: 0.3mm dashed #000; }\n"
    "section > svg { display: block; max-width: 100%; height: auto; }\n"
    "</style>\n";

absl::Status Bad(std::string_view what, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("payment slip: ", std::string(what), " ", std::string(why)));
}

struct LettersAllowed {
  size_t min;
  size_t max;
};

absl::StatusOr<std::u32string> Decoded(std::string_view what, std::string_view text,
                                       LettersAllowed letters) {
  std::optional<std::u32string> points = DecodeUtf8(text);
  if (!points) return Bad(what, "is no UTF-8");
  if (points->size() < letters.min) return Bad(what, "is missing");
  if (points->size() > letters.max) {
    return Bad(what, absl::StrCat("is longer than ", letters.max, " letters"));
  }
  return *std::move(points);
}

// In hundredths of the font's size, by the widest of the sans-serif fonts that are around: a line
// that ends early does no harm, one that runs into the QR code does.
size_t WidthOf(char32_t c) {
  constexpr std::u32string_view kWide = U"mwMW@%жмфшщыюЖМФШЩЫЮ№—…";
  constexpr char32_t kCyrillicEnd = 0x530;
  const std::string shown = EscapeHtml(EncodeUtf8(std::u32string_view(&c, 1)));
  if (shown.front() == '\\') return 70 * shown.size();  // As in \u200b.
  if (kWide.find(c) != std::u32string_view::npos) return 105;
  if (c == U' ') return 40;
  const bool narrow =
      (c >= U'0' && c <= U'9') || (c >= U'a' && c <= U'z') || (c >= U'а' && c <= U'ё');
  if (narrow) return 66;
  return c < kCyrillicEnd ? 85 : 200;
}

size_t WidthOf(std::u32string_view text) {
  size_t width = 0;
  for (const char32_t c : text) width += WidthOf(c);
  return width;
}

// Breaks at blanks, and inside a word that is wider than a whole line.
std::vector<std::u32string> Wrap(std::u32string_view text, size_t width_max) {
  std::vector<std::u32string> lines;
  size_t begin = 0;
  size_t width = 0;
  size_t blank = 0;  // The last one of the line; not behind `begin`: there is none.
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == U' ') blank = i;
    width += WidthOf(text[i]);
    if (width <= width_max || i == begin) continue;
    const size_t end = blank > begin ? blank : i;
    lines.emplace_back(text.substr(begin, end - begin));
    begin = end == blank ? end + 1 : end;
    width = WidthOf(text.substr(begin, i + 1 - begin));
  }
  lines.emplace_back(text.substr(begin));
  return lines;
}

struct Style {
  size_t size;
  bool bold = false;
  size_t width_max = kColumnWidth;
};

// The texts of a slip from top to bottom, each below the one before.
class Sheet {
 public:
  void Add(std::u32string_view text, Style style) {
    const size_t hundredths_max = style.width_max * (style.bold ? 90 : 100) / style.size;
    for (const std::u32string& line : Wrap(text, hundredths_max)) {
      y_ += style.size * 13 / 10;
      absl::StrAppend(&body_, "<text x=\"", kEdge, "\" y=\"", y_, "\" font-size=\"", style.size,
                      style.bold ? "\" font-weight=\"bold\">" : "\">", EscapeHtml(EncodeUtf8(line)),
                      "</text>\n");
    }
  }
  // For a text of ours, which is UTF-8.
  void Add(std::string_view text, Style style) { Add(DecodeUtf8(text).value(), style); }
  void Skip(size_t height) { y_ += height; }
  void SkipTo(size_t y) { y_ = std::max(y_, y); }
  void AddQr(const QrPath& qr) {
    absl::StrAppend(&body_, "<svg x=\"", kQrLeft, "\" y=\"0\" width=\"", kQrSide, "\" height=\"",
                    kQrSide, "\" viewBox=\"0 0 ", qr.side, " ", qr.side, "\">", qr.path,
                    "</svg>\n");
  }

  [[nodiscard]] std::string Render(std::string_view attributes) const {
    const size_t height = std::max(y_ + kEdge, kSlipHeightMin);
    return absl::StrCat("<svg", std::string(attributes), " width=\"", kSlipWidth / 10,
                        "mm\" height=\"", height / 10, "mm\" viewBox=\"0 0 ", kSlipWidth, " ",
                        height / 10 * 10,
                        "\" font-family=\"Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif\">\n"
                        "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n",
                        body_, "</svg>\n");
  }

 private:
  std::string body_;
  size_t y_ = 0;  // The base line of the last text.
};

void AddPayee(const PaymentSlip& slip, Sheet* sheet) {
  const Payee& payee = slip.payee;
  const std::string kpp = payee.kpp.empty() ? "" : absl::StrCat(", КПП ", payee.kpp);
  const std::string correspondent =
      payee.correspondent_account == "0" ? "" : absl::StrCat(", к/с ", payee.correspondent_account);
  for (const std::string& line :
       {absl::StrCat("Получатель: ", payee.name), absl::StrCat("ИНН ", payee.inn, kpp),
        absl::StrCat("Счёт получателя: ", payee.account), absl::StrCat("Банк: ", payee.bank_name),
        absl::StrCat("БИК ", payee.bic, correspondent),
        absl::StrCat("Назначение: ", slip.purpose)}) {
    sheet->Add(line, {.size = kSmall});
  }
}

// What the QR code does not check: that texts are UTF-8, and what is printed beside it.
absl::Status CheckTexts(const PaymentSlip& slip, const std::string& school_name,
                        const SlipPerson& person) {
  for (const absl::Status& s :
       {Decoded("the payee's name", slip.payee.name, {1, kPayeeNameLettersMax}).status(),
        Decoded("the bank's name", slip.payee.bank_name, {1, kBankNameLettersMax}).status(),
        Decoded("the purpose", slip.purpose, {1, kPurposeLettersMax}).status(),
        Decoded("the school", school_name, {1, kSlipSchoolLettersMax}).status(),
        Decoded("the name", person.name_line, {1, kSlipNameLettersMax}).status(),
        Decoded("the class", person.class_name, {0, kSlipClassLettersMax}).status()}) {
    if (!s.ok()) return s;
  }
  return absl::OkStatus();
}

struct SlipTexts {
  const Payee& payee;
  const std::string& purpose;
  const std::string& school_name;
};

absl::StatusOr<Sheet> LayOut(const SlipTexts& texts, const SlipPerson& person) {
  const PaymentSlip slip = {.payee = texts.payee,
                            .purpose = texts.purpose,
                            .account = person.account,
                            .sum_kopecks = std::nullopt};
  if (absl::Status s = CheckTexts(slip, texts.school_name, person); !s.ok()) return s;
  const absl::StatusOr<std::string> text = PaymentQrText(slip);
  if (!text.ok()) return text.status();
  const absl::StatusOr<QrPath> qr = QrPathSvg(*text);
  if (!qr.ok()) return qr.status();

  Sheet sheet;
  sheet.AddQr(*qr);
  sheet.Add("Квитанция на оплату школьного питания", {.size = kSmall});
  const std::string comma = person.class_name.empty() ? "" : ", ";
  sheet.Add(absl::StrCat(person.name_line, comma, person.class_name),
            {.size = kLarge, .bold = true});
  sheet.Add(texts.school_name, {.size = kPlain});
  sheet.Skip(kPlain / 2);
  sheet.Add("Номер лицевого счёта:", {.size = kPlain});
  sheet.Add(person.account.Grouped(), {.size = kNumber, .bold = true});
  sheet.Skip(kPlain / 2);
  AddPayee(slip, &sheet);
  sheet.SkipTo(kQrSide);
  sheet.Skip(kPlain / 2);
  sheet.Add(
      "Как заплатить: отсканируйте код в приложении любого банка и укажите сумму, а в отделении "
      "банка назовите номер лицевого счёта.",
      {.size = kPlain, .width_max = kFootWidth});
  sheet.Add("Номер остаётся за ребёнком и при переходе в другую школу.",
            {.size = kPlain, .width_max = kFootWidth});
  return sheet;
}

}  // namespace

absl::StatusOr<QrPath> QrPathSvg(std::string_view text) {
  if (text.empty()) return Bad("the QR code", "would be empty");
  if (text.size() > kQrBytesMax) {
    return Bad("the QR code", absl::StrCat("holds no more than ", kQrBytesMax, " bytes"));
  }
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeData(static_cast<int>(text.size()),
                        reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_M),
      &QRcode_free);
  if (code == nullptr) return absl::ResourceExhaustedError("payment slip: no memory for a QR code");
  const auto width = static_cast<size_t>(code->width);
  // Rows as strokes one module thick: from run to run of black by steps to the right.
  std::string strokes;
  for (size_t row = 0; row < width; ++row) {
    const unsigned char* modules = code->data + row * width;
    const auto black = [&](size_t column) { return (modules[column] & 1) != 0; };
    size_t pen = 0;  // Where the last run of this row ended.
    for (size_t begin = 0; begin < width; ++begin) {
      if (!black(begin)) continue;
      size_t end = begin;
      while (end < width && black(end)) ++end;
      if (pen == 0) {
        absl::StrAppend(&strokes, "M", kQuietModules + begin, " ", kQuietModules + row, ".5");
      } else {
        absl::StrAppend(&strokes, "m", begin - pen, " 0");
      }
      absl::StrAppend(&strokes, "h", end - begin);
      pen = end;
      begin = end;
    }
  }
  return QrPath{.path = absl::StrCat("<path fill=\"none\" stroke=\"#000\" "
                                     "shape-rendering=\"crispEdges\" d=\"",
                                     strokes, "\"/>"),
                .side = width + 2 * kQuietModules};
}

absl::StatusOr<std::string> PaymentSlipsPage(const Payee& payee, const std::string& purpose,
                                             const std::string& school_name,
                                             const std::vector<SlipPerson>& people) {
  if (people.empty()) return Bad("the page", "would be empty");
  if (people.size() > kSlipsMax) {
    return absl::ResourceExhaustedError(
        absl::StrCat("payment slip: more than ", kSlipsMax, " people for one page"));
  }
  std::string page(kPageHead);
  absl::StrAppend(&page, "<title>Квитанции на оплату питания: ", EscapeHtml(school_name),
                  "</title>\n</head>\n<body>\n");
  for (const SlipPerson& person : people) {
    const absl::StatusOr<Sheet> sheet = LayOut({payee, purpose, school_name}, person);
    if (!sheet.ok()) return sheet.status();
    absl::StrAppend(&page, "<section>\n", sheet->Render(""), "</section>\n");
  }
  page += "</body>\n</html>\n";
  return page;
}

absl::StatusOr<std::string> PaymentSlipSvg(const Payee& payee, const std::string& purpose,
                                           const std::string& school_name,
                                           const SlipPerson& person) {
  const absl::StatusOr<Sheet> sheet = LayOut({payee, purpose, school_name}, person);
  if (!sheet.ok()) return sheet.status();
  return absl::StrCat("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
                      sheet->Render(" xmlns=\"http://www.w3.org/2000/svg\""));
}

}  // namespace ladon::ctl
