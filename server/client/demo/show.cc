#include "server/client/demo/show.h"

#include <array>
#include <cstdio>
#include <utility>

namespace ladon::demo {
namespace {

std::string Decimal(double value, int digits) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

}  // namespace

Show::Show(ShowOptions options, Stage* stage)
    : options_(std::move(options)), stage_(stage), random_(options_.seed) {}

Show::~Show() = default;

absl::Status Show::Play() {
  if (options_.palms.empty()) {
    palms_ = SyntheticPalms(options_.children, options_.seed);
  } else {
    absl::StatusOr<std::vector<Palm>> palms = PalmsOfFolder(options_.palms);
    if (!palms.ok()) return palms.status();
    palms_ = *std::move(palms);
  }
  using Scene = absl::Status (Show::*)();
  for (const Scene scene : {&Show::StartServer, &Show::OpenSchool, &Show::AddChildren,
                            &Show::EnrolPalms, &Show::ShowPalms, &Show::SellByCard,
                            &Show::CancelOne, &Show::PayThroughABank, &Show::ShowRefusals}) {
    if (absl::Status s = (this->*scene)(); !s.ok()) return s;
  }
  for (int round = 0; round < options_.kills; ++round) {
    if (absl::Status s = KillInBurst(round); !s.ok()) return s;
  }
  if (absl::Status s = ProveNothingLost(); !s.ok()) return s;
  if (absl::Status s = PrintStatement(); !s.ok()) return s;
  if (absl::Status s = LeaveArtifacts(); !s.ok()) return s;
  const absl::Status stopped = server_->Stop();
  Summarize();
  return stopped;
}

void Show::Summarize() {
  stage_->Scene("demo.scene.summary");
  client::Table table;
  table.Column(stage_->Text("demo.table.figure"));
  table.Column(stage_->Text("demo.table.value"), client::Align::kRight);
  const auto row = [&](const char* key, const std::string& value) {
    table.Row({stage_->Text(key), value});
  };
  row("demo.summary.palms_enrolled", std::to_string(figures_.palms_enrolled));
  row("demo.summary.mated_probes", std::to_string(figures_.mated_probes));
  row("demo.summary.rank1", Decimal(100 * figures_.rank1(), 2) + " %");
  row("demo.summary.strangers", std::to_string(figures_.strangers));
  row("demo.summary.false_accepts", std::to_string(figures_.false_accepts));
  row("demo.summary.wrong_child", std::to_string(figures_.wrong_child));
  row("demo.summary.ambiguous", std::to_string(figures_.ambiguous));
  row("demo.summary.not_extracted", std::to_string(figures_.not_extracted));
  row("demo.summary.identify_p50", Decimal(PercentileMs(figures_.identify_us, 50), 2));
  row("demo.summary.identify_p99", Decimal(PercentileMs(figures_.identify_us, 99), 2));
  row("demo.summary.debit_p50", Decimal(PercentileMs(figures_.debit_us, 50), 2));
  row("demo.summary.debit_p99", Decimal(PercentileMs(figures_.debit_us, 99), 2));
  row("demo.summary.acknowledged", std::to_string(figures_.acknowledged));
  row("demo.summary.lost", std::to_string(figures_.lost));
  row("demo.summary.duplicated", std::to_string(figures_.duplicated));
  stage_->Show(table);
}

}  // namespace ladon::demo
