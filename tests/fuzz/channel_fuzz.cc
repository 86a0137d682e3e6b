// Banks' protocols take any parameters: what is read of them is in bounds or a verdict, and
// whatever the core says of it becomes XML that a strict parser reads back.
#include <cstdlib>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "server/channels/amount.h"
#include "server/channels/callback_signature.h"
#include "server/channels/protocol.h"
#include "server/channels/sbp_link.h"
#include "tests/fuzz/fuzz_target.h"

namespace channels = ladon::channels;

namespace {

void Require(bool good) {
  if (!good) std::abort();
}

// "a=1&b=2" as it stands: percent forms are the HTTP library's.
channels::QueryParameters ParametersOf(std::string_view text) {
  channels::QueryParameters parameters;
  while (!text.empty()) {
    const size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    const size_t mark = pair.find('=');
    if (mark != std::string_view::npos) {
      parameters.emplace(pair.substr(0, mark), pair.substr(mark + 1));
    }
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return parameters;
}

bool IsDigits(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

void CheckReading(const channels::Reading& reading) {
  const channels::Question& question = reading.question;
  Require(question.typed_account.size() <= channels::kAccountBytesMax);
  Require(question.payment_id.size() <= channels::kPaymentIdDigitsMax);
  if (question.kopecks) {
    Require(*question.kopecks >= 1 && *question.kopecks <= channels::kAmountKopecksMax);
  }
  if (reading.verdict != channels::Verdict::kOk) return;
  if (question.verb == channels::Verb::kPay) {
    Require(IsDigits(question.payment_id) && question.kopecks && question.paid_at &&
            !question.typed_account.empty());
  }
  if (question.verb == channels::Verb::kCheck) Require(question.account.has_value());
}

void CheckWriting(const channels::Protocol& protocol, const channels::Question& question,
                  const std::string& text) {
  for (const channels::Verdict verdict : channels::kVerdicts) {
    const channels::Reply reply{.verdict = verdict,
                                .our_id = 42,
                                .kopecks = question.kopecks,
                                .registered_at = absl::FromUnixSeconds(1'800'000'000),
                                .masked_name = text,
                                .comment = text};
    const std::string body = protocol.Write(question, reply);
    Require(body == protocol.Write(question, reply));
    pugi::xml_document document;
    Require(document.load_buffer(body.data(), body.size()).status == pugi::status_ok);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const channels::Dialect dialect{
      .charset = (data[0] & 8) == 0 ? channels::Charset::kUtf8 : channels::Charset::kWindows1251,
      .cancels = (data[0] & 16) != 0};
  const auto protocol = data[0] % 3 == 0   ? channels::MakeOsmp(dialect)
                        : data[0] % 3 == 1 ? channels::MakeSberOne(dialect)
                                           : channels::MakeSberTwo(dialect);
  const channels::QueryParameters parameters = ParametersOf(text);
  const channels::Reading reading = protocol->Read(parameters);
  CheckReading(reading);
  CheckWriting(*protocol, reading.question, text.substr(0, 300));
  if (const auto kopecks = channels::ParseAmount(text)) {
    Require(channels::ParseAmount(channels::FormatAmount(*kopecks)) == kopecks);
  }
  if (channels::CheckSbpLink(text).ok()) {
    Require(channels::WithSbpCrc(text.substr(0, text.rfind("&crc="))) == text);
  }
  channels::Parameters plain;
  for (const auto& [name, value] : parameters) plain[name] = value;
  if (channels::CheckHmac(plain, "token").ok()) {
    Require(channels::HmacChecksum(plain, "token") == plain["checksum"]);
  }
  return 0;
}

namespace ladon::fuzz {

std::vector<std::vector<uint8_t>> Seeds() {
  std::vector<std::vector<uint8_t>> seeds;
  for (const std::string_view text :
       {std::string_view("\x10"
                         "command=pay&txn_id=1234567&txn_date=20261116140210&"
                         "account=405217938861&sum=10.45"),
        std::string_view("\x08"
                         "command=check&txn_id=1&account=4052 1793 8861&sum=200.00"),
        std::string_view("\x01"
                         "ACTION=payment&ACCOUNT=405217938861&AMOUNT=580.00&PAY_ID=2001967202&"
                         "PAY_DATE=16.11.2019_14:02:10"),
        std::string_view("\x02"
                         "command=status&txn_id=99999999999999999999"),
        std::string_view("\x02"
                         "https://qr.nspk.ru/AS10003P3RH0LJ2A9ROO038L6NT5RU1M?type=01&"
                         "bank=000000000001&sum=10000&cur=RUB&crc=F3D0"),
        std::string_view("\x02"
                         "mdOrder=1&operation=deposited&checksum=00")}) {
    seeds.emplace_back(text.begin(), text.end());
  }
  return seeds;
}

size_t ReplayMutations() {
  return 300;
}

}  // namespace ladon::fuzz
