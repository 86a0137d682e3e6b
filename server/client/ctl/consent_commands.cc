#include <memory>
#include <string>
#include <vector>

#include "ladon/v1/enrolment_service.pb.h"
#include "server/base/id.h"
#include "server/client/ctl/commands.h"
#include "server/client/ctl/enum_words.h"
#include "server/client/ctl/options.h"
#include "server/client/ctl/values.h"

namespace ladon::ctl {
namespace {

struct Arguments {
  std::string subject;
  std::string kind;
  std::string signer = "representative";
  std::string form = "paper";
  std::string document;
  bool authority_checked = false;
  std::string authority_document;
  std::vector<std::string> purposes;
  std::string processor;
  std::string from;
  std::string until;
};

v1::ConsentKind KindOf(const std::string& word) {
  return word == "biometric" ? v1::CONSENT_KIND_BIOMETRIC : v1::CONSENT_KIND_PERSONAL_DATA;
}

v1::ConsentSigner SignerOf(const std::string& word) {
  if (word == "self") return v1::CONSENT_SIGNER_SELF;
  return word == "both" ? v1::CONSENT_SIGNER_BOTH : v1::CONSENT_SIGNER_REPRESENTATIVE;
}

int Record(Context& context, const Arguments& given) {
  const absl::StatusOr<std::string> digest = Sha256OfFile(given.document);
  if (!digest.ok()) return context.Fail(digest.status());
  v1::RecordConsentRequest request;
  request.set_request_id(context.RequestId());
  request.set_subject_id(BytesOf(given.subject));
  request.set_kind(KindOf(given.kind));
  request.set_signer(SignerOf(given.signer));
  request.set_form(given.form == "electronic" ? v1::CONSENT_FORM_ELECTRONIC_SIGNATURE
                                              : v1::CONSENT_FORM_PAPER);
  request.set_document_sha256(*digest);
  request.set_authority_checked(given.authority_checked);
  if (!given.authority_document.empty()) {
    const absl::StatusOr<std::string> authority = Sha256OfFile(given.authority_document);
    if (!authority.ok()) return context.Fail(authority.status());
    request.set_authority_document_sha256(*authority);
  }
  for (const std::string& word : given.purposes) {
    request.add_purposes(EnumOf<v1::ConsentPurpose>(word));
  }
  request.set_processor(given.processor);
  *request.mutable_valid_from() = given.from.empty() ? Today() : DateOf(given.from);
  *request.mutable_valid_until() = DateOf(given.until);
  v1::RecordConsentResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  const std::string id = base::HexOf(response.consent_id());
  return context.Print({{"consent_id", id},
                        {"document_sha256", base::HexOf(*digest)},
                        {"journal_index", response.journal_index()}},
                       context.Say("consent.recorded", {id, given.until}));
}

int Withdraw(Context& context, const Arguments& given) {
  v1::WithdrawConsentRequest request;
  request.set_request_id(context.RequestId());
  request.set_subject_id(BytesOf(given.subject));
  request.set_kind(KindOf(given.kind));
  v1::WithdrawConsentResponse response;
  if (const int code = context.Call(request, &response); code != kDone) {
    return code;
  }
  return context.Print(
      {{"palm_samples_removed", response.palm_samples_removed()},
       {"journal_index", response.journal_index()}},
      context.Say("consent.withdrawn", {std::to_string(response.palm_samples_removed())}));
}

}  // namespace

void AddConsentCommands(CLI::App* app, Context* context) {
  CLI::App* noun = app->add_subcommand("consent", "Consents to the use of data and palms");
  noun->require_subcommand(1);
  const auto given = std::make_shared<Arguments>();
  const auto kinds = CLI::IsMember({"personal-data", "biometric"});

  CLI::App* command = AddCommand(noun, context, "record", "Record a signed consent",
                                 [context, given] { return Record(*context, *given); });
  IdOption(command, "--subject", &given->subject, "The person")->required();
  command->add_option("--kind", given->kind, "What it allows")->required()->check(kinds);
  command->add_option("--signer", given->signer, "Who signed")
      ->check(CLI::IsMember({"representative", "self", "both"}))
      ->capture_default_str();
  command->add_option("--form", given->form, "How it was signed")
      ->check(CLI::IsMember({"paper", "electronic"}))
      ->capture_default_str();
  command
      ->add_option("--document", given->document,
                   "The signed document; only its SHA-256 leaves this machine")
      ->required();
  command->add_flag("--authority-checked", given->authority_checked,
                    "That the signer may sign for the child was checked");
  command->add_option("--authority-document", given->authority_document,
                      "The document that shows it; only its SHA-256 leaves this machine");
  command
      ->add_option(
          "--purpose", given->purposes,
          "What the document allows; may be given several times. Without: all that its kind "
          "can have")
      ->check(CLI::IsMember(EnumOptions<v1::ConsentPurpose>()));
  command->add_option("--processor", given->processor,
                      "Whom the data are entrusted to, as the document names them");
  DateOption(command, "--from", &given->from, "First day; today when not given");
  DateOption(command, "--until", &given->until, "Last day")->required();

  command = AddCommand(noun, context, "withdraw", "Withdraw a consent; palms leave search at once",
                       [context, given] { return Withdraw(*context, *given); });
  IdOption(command, "--subject", &given->subject, "The person")->required();
  command->add_option("--kind", given->kind, "Which consent")->required()->check(kinds);
}

}  // namespace ladon::ctl
