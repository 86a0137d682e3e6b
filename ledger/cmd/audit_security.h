// `ladon-audit security`. Threading: one thread.
#ifndef LADON_LEDGER_CMD_AUDIT_SECURITY_H_
#define LADON_LEDGER_CMD_AUDIT_SECURITY_H_

#include <string>

namespace ladon::audit {

struct SecurityOptions {
  std::string file;   // Records to take away (ledger/proof/seclog.h).
  std::string keys;   // Verifier keys of the security log, one a line.
  std::string since;  // An earlier checkpoint that the log must continue; empty: none.
  std::string csv;    // Where the records go as a table, once they are verified; empty: nowhere.
};

// Names every defect on standard error, or tells what is proved. Exit code.
int VerifySecurity(const SecurityOptions& options);

}  // namespace ladon::audit

#endif  // LADON_LEDGER_CMD_AUDIT_SECURITY_H_
