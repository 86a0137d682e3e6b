// Evaluation work on all cores. Threading: the functions block until all work is done.
#ifndef LADON_MATCHER_EVAL_PARALLEL_H_
#define LADON_MATCHER_EVAL_PARALLEL_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

namespace ladon::matcher::eval {

// Told how many of how many pieces are done; called by one thread at a time; may be empty.
using Progress = std::function<void(size_t done, size_t total)>;

// Runs `work` for 0 .. count-1, each once, on `threads` threads; the calling one reports progress.
template <class Work>
void ForEachIndex(size_t count, size_t threads, const Progress& progress, const Work& work) {
  std::atomic<size_t> next{0};
  const auto run = [&](bool reports) {
    for (size_t i = next++; i < count; i = next++) {
      work(i);
      if (reports && progress) progress(i + 1, count);
    }
  };
  std::vector<std::thread> others;
  for (size_t t = 1; t < threads; ++t) others.emplace_back(run, false);
  run(true);
  for (std::thread& other : others) other.join();
}

}  // namespace ladon::matcher::eval

#endif  // LADON_MATCHER_EVAL_PARALLEL_H_
