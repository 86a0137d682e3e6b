#include "server/client/text/progress.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

namespace ladon::client {
namespace {

constexpr int kCells = 30;

}  // namespace

Progress::Progress(std::string title, int64_t total)
    : title_(std::move(title)), total_(total), visible_(total > 0 && isatty(STDERR_FILENO) == 1) {
  Advance(0);
}

Progress::~Progress() {
  if (visible_) std::fputs("\r\x1b[K", stderr);
}

void Progress::Advance(int64_t done) {
  if (!visible_) return;
  const int percent = static_cast<int>(100 * done / total_);
  if (percent == percent_) return;  // A terminal need not hear of every row.
  percent_ = percent;
  const int filled = percent * kCells / 100;
  std::string bar(static_cast<size_t>(filled), '#');
  bar.resize(kCells, '.');
  std::fprintf(stderr, "\r%s [%s] %3d %%", title_.c_str(), bar.c_str(), percent);
  std::fflush(stderr);
}

}  // namespace ladon::client
