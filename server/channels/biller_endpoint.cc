#include "server/channels/biller_endpoint.h"

#include <string_view>
#include <utility>

namespace ladon::channels {
namespace {

std::string_view NameOf(Verb verb) {
  switch (verb) {
    case Verb::kCheck:
      return "check";
    case Verb::kPay:
      return "pay";
    case Verb::kStatus:
      return "status";
    case Verb::kCancel:
      return "cancel";
  }
  return "";
}

constexpr int kOk = 200;
constexpr int kBadRequest = 400;
constexpr int kUnauthorized = 401;
constexpr int kForbidden = 403;
constexpr int kServerError = 500;

int StatusOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
    case Verdict::kDuplicate:
      return kOk;
    case Verdict::kTemporary:
    case Verdict::kTechnical:
    case Verdict::kInternal:
      return kServerError;
    case Verdict::kForbidden:
      return kForbidden;
    default:
      return kBadRequest;
  }
}

class BillerEndpoint final : public Endpoint {
 public:
  BillerEndpoint(const Core* core, Biller biller, Guard guard, StatusPolicy policy)
      : core_(core), biller_(std::move(biller)), guard_(std::move(guard)), policy_(policy) {}

  [[nodiscard]] HttpAnswer Serve(const HttpRequest& request) const override {
    switch (guard_.Admit(request.visitor)) {
      case Admission::kForbidden:
        return {.status = kForbidden, .body = "forbidden\n", .verdict = "forbidden"};
      case Admission::kNeedsPassword:
        return {.status = kUnauthorized,
                .body = "unauthorized\n",
                .headers = {{"WWW-Authenticate", "Basic realm=\"ladon\""}},
                .verdict = "unauthorized"};
      case Admission::kAdmitted:
        break;
    }
    // A parameter came twice with the same value, which the HTTP library makes one of.
    if (!request.parameters_whole) return AsHttp(biller_.Refuse(Verdict::kInternal));
    return AsHttp(biller_.Answer(*core_, request.parameters));
  }

  // HTTP's refusals are told in the bank's own words: it reads the body.
  [[nodiscard]] HttpAnswer Refuse(int status) const override {
    HttpAnswer answer = AsHttp(biller_.Refuse(Verdict::kInternal));
    if (policy_ == StatusPolicy::kTells) answer.status = status;
    return answer;
  }

  [[nodiscard]] const std::string& contract() const override { return biller_.contract(); }

 private:
  [[nodiscard]] HttpAnswer AsHttp(BillerAnswer from) const {
    const bool utf8 = biller_.charset() == Charset::kUtf8;
    return {.status = policy_ == StatusPolicy::kAlways200 ? kOk : StatusOf(from.verdict),
            .content_type = utf8 ? "text/xml; charset=utf-8" : "text/xml; charset=windows-1251",
            .body = std::move(from.body),
            .verb = std::string(NameOf(from.verb)),
            .verdict = std::string(NameOf(from.verdict)),
            .fault = std::move(from.fault)};
  }

  const Core* const core_;
  const Biller biller_;
  const Guard guard_;
  const StatusPolicy policy_;
};

}  // namespace

std::unique_ptr<Endpoint> MakeBillerEndpoint(const Core* core, Biller biller, Guard guard,
                                             StatusPolicy policy) {
  return std::make_unique<BillerEndpoint>(core, std::move(biller), std::move(guard), policy);
}

}  // namespace ladon::channels
