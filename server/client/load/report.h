// The figures of a load run, as a table for people and as JSON for machines.
// Threading: pure functions.
#ifndef LADON_SERVER_CLIENT_LOAD_REPORT_H_
#define LADON_SERVER_CLIENT_LOAD_REPORT_H_

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "server/base/messages.h"
#include "server/client/load/engine.h"

namespace ladon::load {

// "debit-card", ...
[[nodiscard]] std::string WhatName(What what);

[[nodiscard]] int64_t ErrorCount(const LoadResult& result);
[[nodiscard]] std::string ReportText(const LoadOptions& options, const LoadResult& result,
                                     base::Language language);
[[nodiscard]] nlohmann::json ReportJson(const LoadOptions& options, size_t channels,
                                        const LoadResult& result);

}  // namespace ladon::load

#endif  // LADON_SERVER_CLIENT_LOAD_REPORT_H_
