// Setting up: schools, terminals, caterers, price lists. No personal data.
// Ids are derived from the request, so a repeated call names the same thing.
// Threading: any thread; `done` on the applier thread.
#ifndef LADON_SERVER_FLOW_SETUP_H_
#define LADON_SERVER_FLOW_SETUP_H_

#include <cstdint>
#include <string>

#include "server/directory/directory.h"
#include "server/flow/commit.h"

namespace ladon::flow {

template <class T>
struct SetUp {
  T made;
  uint64_t journal_index = 0;
};

void CreateSchool(const House& house, const access::Caller& caller, const Request& request,
                  const directory::SchoolSettings& settings, Done<SetUp<directory::School>> done);
void UpdateSchoolSettings(const House& house, const access::Caller& caller, const Request& request,
                          const base::SchoolId& school, const directory::SchoolSettings& settings,
                          Done<SetUp<directory::School>> done);
void RegisterTerminal(const House& house, const access::Caller& caller, const Request& request,
                      const base::SchoolId& school, const std::string& label,
                      Done<SetUp<directory::Terminal>> done);
void SetTerminalState(const House& house, const access::Caller& caller, const Request& request,
                      const base::TerminalId& terminal, directory::TerminalState state,
                      Done<SetUp<directory::Terminal>> done);
void CreateCaterer(const House& house, const access::Caller& caller, const Request& request,
                   const base::SchoolId& school, const std::string& name,
                   Done<SetUp<directory::Caterer>> done);
// kFieldInvalid: a list for a day that has passed at the caterer's school.
void PutPriceList(const House& house, const access::Caller& caller, const Request& request,
                  const directory::PriceList& list, Done<uint64_t> done);

}  // namespace ladon::flow

#endif  // LADON_SERVER_FLOW_SETUP_H_
